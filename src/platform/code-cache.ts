import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

/**
 * V8's compiled code of the program, kept for the next start in a folder that only the user can change. V8 does not check
 * it, and a flipped bit can hang or crash it. So the file holds everything twice, and both halves are compared: that is
 * faster than loading the code for a digest. A file that is damaged, foreign, outdated or unreadable is ignored: the start
 * is slower, and nothing else changes.
 */

export interface CachedCode {
  /** By the file of code. */
  readonly parts: Map<string, CachedPart>;
  /** How much of the program had run when it was written, and whether the call succeeded. */
  readonly ran: number;
  readonly succeeded: boolean;
}

export interface CachedPart {
  /** Of the file that it was made of: V8 compares only lengths. */
  readonly stamp: string;
  readonly data: Buffer;
}

interface Head {
  readonly key: string;
  readonly ran: number;
  readonly succeeded: boolean;
  readonly parts: readonly { readonly file: string; readonly stamp: string; readonly bytes: number }[];
}

const LENGTH_BYTES = 4;
const MOST_BYTES = 64 * 1024 * 1024;
const SUFFIX = '.code';
const TEMPORARY = '.tmp';
/** Other versions of autolab and of Node have theirs; those of the oldest are removed. */
const MOST_FILES = 64;
const OLD_MS = 30 * 24 * 3_600_000;
const ABANDONED_MS = 3_600_000;

/** Whether nothing is to be read or written: by the user's word, or because coverage needs code that V8 makes anew. */
export function isCacheOff(): boolean {
  return (process.env['AUTOLAB_NO_CODE_CACHE'] ?? '') !== '' || process.env['NODE_V8_COVERAGE'] !== undefined;
}

/** Of one program, Node and its flags: the code of another one does not fit. Of two builds of one Node the size differs. */
export function cacheKeyOf(program: string): string {
  const { arch, env, execArgv, execPath, version } = process;
  return JSON.stringify([program, version, arch, statSync(execPath).size, execArgv, env['NODE_OPTIONS'] ?? '']);
}

export function packStampOf(path: string): string {
  const { ino, mtimeMs, size } = statSync(path);
  return `${ino} ${mtimeMs} ${size}`;
}

/** Null if there is none that can be used. */
export function readCodeCache(slot: string, key: string): CachedCode | null {
  try {
    const folder = cacheFolder();
    if (folder === null || !isPrivateFolder(folder)) return null;
    return parse(readOwn(join(folder, fileName(slot, key))), key);
  } catch {
    return null;
  }
}

/** Never throws: without it the next start is slower. */
export function writeCodeCache(slot: string, key: string, code: CachedCode): void {
  try {
    const folder = cacheFolder();
    if (folder === null || !makeFolder(folder)) return;
    removeOld(folder);
    const temporary = join(folder, `${slot}.${process.pid}-${Math.random().toString(36).slice(2)}${TEMPORARY}`);
    try {
      writeNew(temporary, encode(code, key));
      renameSync(temporary, join(folder, fileName(slot, key)));
    } catch {
      unlinkSync(temporary);
    }
  } catch {
    // No room, no folder, no permission.
  }
}

/** As the XDG says: a path that is not absolute does not count. Null if the user has no home. */
function cacheFolder(): string | null {
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  if (isAbsolute(given)) return join(given, 'autolab');
  const home = process.env['HOME'] ?? homedir();
  return isAbsolute(home) ? join(home, '.cache', 'autolab') : null;
}

function isOwn(stats: Stats): boolean {
  return stats.uid === process.getuid?.();
}

/** Not a link, not another user's, and closed to everybody else. */
function isPrivateFolder(folder: string): boolean {
  const stats = lstatSync(folder);
  return stats.isDirectory() && isOwn(stats) && (stats.mode & 0o077) === 0;
}

/** In a folder of the user's own: root leaves nothing in the home of another one. */
function makeFolder(folder: string): boolean {
  const parent = dirname(folder);
  for (const path of [parent, folder]) {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) continue;
    if (!isOwn(statSync(dirname(path)))) return false;
    const isNew = makeOne(path);
    // The folder may be in a repository, where it would be code.
    if (isNew && path === folder) writeNew(join(folder, '.gitignore'), Buffer.from('*\n'));
  }
  return isPrivateFolder(folder);
}

/** Returns whether it is new: a driver and its supervisor may end, and make it, at the same moment. */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
    return true;
  } catch (error) {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) throw error;
    return false;
  }
}

function fileName(slot: string, key: string): string {
  return `${slot}-${shortNameOf(key)}${SUFFIX}`;
}

/** The file says the whole key: two keys of one name only take turns. FNV-1a, of 32 bits. */
function shortNameOf(key: string): string {
  let hash = 0x811c_9dc5;
  for (let at = 0; at < key.length; at += 1) hash = Math.imul(hash ^ key.charCodeAt(at), 0x0100_0193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** Reads a file that the user owns and that no other user can write to. @throws if it is not such a file */
function readOwn(path: string): Buffer {
  // Not blocking, in case that it is a pipe.
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(handle);
    if (!stats.isFile() || !isOwn(stats) || (stats.mode & 0o022) !== 0 || stats.size > MOST_BYTES)
      throw new Error(`${path} is not the user's own`);
    return readFileSync(handle);
  } finally {
    closeSync(handle);
  }
}

function writeNew(path: string, bytes: Uint8Array): void {
  const handle = openSync(path, 'wx', 0o600);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
  } finally {
    closeSync(handle);
  }
}

/** Length of the head, head, parts; and all of it again. */
function encode({ parts, ran, succeeded }: CachedCode, key: string): Buffer {
  const list = [...parts].map(([file, { stamp, data }]) => ({ file, stamp, bytes: data.length }));
  const head = Buffer.from(JSON.stringify({ key, ran, succeeded, parts: list } satisfies Head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(head.length);
  const once = [length, head, ...[...parts.values()].map(({ data }) => data)];
  return Buffer.concat([...once, ...once]);
}

function parse(bytes: Buffer, key: string): CachedCode | null {
  const half = bytes.length / 2;
  const once = bytes.subarray(0, half);
  if (once.length < LENGTH_BYTES || !once.equals(bytes.subarray(half))) return null;
  let at = LENGTH_BYTES + once.readUInt32LE();
  const head = JSON.parse(once.toString('utf8', LENGTH_BYTES, at)) as Head;
  if (head.key !== key) return null;
  const parts = new Map<string, CachedPart>();
  for (const { file, stamp, bytes: length } of head.parts) {
    // A copy, so that none of them holds the memory of all.
    parts.set(file, { stamp, data: Buffer.from(once.subarray(at, at + length)) });
    at += length;
  }
  return { parts, ran: head.ran, succeeded: head.succeeded };
}

function removeOld(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(SUFFIX) || name.endsWith(TEMPORARY))
    .map((name) => ({ path: join(folder, name), name, written: lstatSync(join(folder, name)).mtimeMs }))
    .toSorted((a, b) => b.written - a.written);
  const newest = statSync(folder).mtimeMs;
  files.forEach(({ path, name, written }, index) => {
    const age = newest - written;
    if (index >= MOST_FILES || age > (name.endsWith(TEMPORARY) ? ABANDONED_MS : OLD_MS)) unlinkSync(path);
  });
}
