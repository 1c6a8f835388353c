import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  realpathSync,
  renameSync,
  rmSync,
  statfsSync,
  type Stats,
  truncateSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { crashPoint } from './crash-points.ts';
import { temporaryFor } from './temporary-name.ts';

/** The one door to files. Every write that must survive a crash uses it. */

export function errorCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'UNKNOWN';
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Thrown if the path is not a regular file of the expected kind: reading it might never end. */
export class NotAFile extends Error {
  override readonly name = 'NotAFile';
  readonly path: string;

  constructor(path: string, what: string) {
    super(`${path} ${what}`);
    this.path = path;
  }
}

/** Opens a file for reading without blocking, whatever is at the path. */
export function openFile(path: string): number {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  if (fstatSync(handle).isFile()) return handle;
  closeSync(handle);
  throw new NotAFile(path, 'is not a regular file');
}

/** Enough for a journal of a million lines; a much larger text does not fit in memory. */
const MOST_TEXT_BYTES = 400 * 1024 * 1024;

/**
 * The text of a file that autolab wrote; null if there is none. Other errors are thrown: they are bugs or broken disks.
 */
export function readTextOrNull(path: string): string | null {
  let handle: number | undefined;
  try {
    handle = openFile(path);
    const { size } = fstatSync(handle);
    // Files such as those of /proc may have no end.
    if (size === 0) return '';
    if (size > MOST_TEXT_BYTES) throw new NotAFile(path, 'is far larger than such a file can be');
    return readFileSync(handle, 'utf8');
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    // A link to itself, a socket.
    if (code === 'ELOOP' || code === 'ENXIO') throw new NotAFile(path, 'is not a regular file');
    throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** The last bytes of a file; null if there is none. */
export function readTail(path: string, maxBytes: number): string | null {
  let handle: number;
  try {
    handle = openFile(path);
  } catch {
    return null;
  }
  try {
    const { size } = fstatSync(handle);
    const start = Math.max(0, size - maxBytes);
    const buffer = Buffer.alloc(size - start);
    const count = readSync(handle, buffer, 0, buffer.length, start);
    return buffer.subarray(0, count).toString('utf8');
  } finally {
    closeSync(handle);
  }
}

export function exists(path: string): boolean {
  return existsSync(path);
}

export function listNames(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT' || errorCodeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

export function makeFolder(path: string): void {
  // Each of them: a folder is safe once the one above it was flushed, whatever is in it.
  for (const made of makeMissing(path)) syncFolder(dirname(made));
}

/** The same for what need not survive the machine. */
export function makeScratchFolder(path: string): void {
  makeMissing(path);
}

/** Returns the folders that were made, the outermost first. Does not use `recursive`, which loops forever below /proc. */
function makeMissing(path: string, again = false): readonly string[] {
  try {
    mkdirSync(path);
    return [path];
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') {
      if (lstatOrNull(realPathOr(path))?.isDirectory() === true) return [];
      throw error;
    }
    const parent = dirname(path);
    // Another process may have made it just now.
    const above = lstatOrNull(parent) === null ? makeMissing(parent) : [];
    if (above.length === 0 && again) throw error;
    return [...above, ...makeMissing(path, true)];
  }
}

export function removeFolder(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Makes the folder's entries durable. Some network file systems refuse; then nothing more can be done. */
export function syncFolder(path: string): void {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    fsyncSync(handle);
  } catch (error) {
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EBADF', 'EISDIR'].includes(errorCodeOf(error))) throw error;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

/** Writes and syncs a temporary file in the same folder; the caller renames or links it. */
function writeTemporary(path: string, content: string | Uint8Array, mode: number): string {
  const temporary = temporaryFor(path);
  const handle = openSync(temporary, 'wx', mode);
  try {
    writeAll(handle, content);
    fsyncSync(handle);
  } catch (error) {
    closeSync(handle);
    removeIfThere(temporary);
    throw error;
  }
  closeSync(handle);
  return temporary;
}

export function writeAll(handle: number, content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  let offset = 0;
  while (offset < bytes.length) offset += writeSync(handle, bytes, offset);
}

/** Replaces a file: exclusively opened temporary name, fsync, rename, fsync of the folder. */
export function writeFileAtomic(path: string, content: string | Uint8Array, mode = 0o666): void {
  const temporary = writeTemporary(path, content, mode);
  crashPoint(`write.${basename(path)}.temporary`);
  try {
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
  syncFolder(dirname(path));
  crashPoint(`write.${basename(path)}.renamed`);
}

/** As above, but leaves the file and its time alone if its content is the same. */
export function writeFileIfChanged(path: string, content: string, mode = 0o666): boolean {
  if (readTextOrNull(path) === content) return false;
  writeFileAtomic(path, content, mode);
  return true;
}

/**
 * Makes a file that must not exist yet, completely or not at all: link(2) of a synced temporary. `won` is decided by
 * inode, not by the return code, because an NFS reply can be lost after the link was made. Without hard links: O_EXCL.
 */
export function createExclusive(path: string, content: string, mode = 0o666): boolean {
  const temporary = writeTemporary(path, content, mode);
  try {
    try {
      linkSync(temporary, path);
    } catch (error) {
      const code = errorCodeOf(error);
      if (['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(code)) return createByOpen(path, content, mode);
      if (code !== 'EEXIST') throw error;
    }
    crashPoint(`link.${basename(path)}.linked`);
    const mine = lstatSync(temporary);
    const there = lstatOrNull(path);
    return there !== null && mine.ino === there.ino && mine.dev === there.dev;
  } finally {
    removeIfThere(temporary);
    syncFolder(dirname(path));
  }
}

function createByOpen(path: string, content: string, mode: number): boolean {
  let handle: number;
  try {
    handle = openSync(path, 'wx', mode);
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
  try {
    writeAll(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  syncFolder(dirname(path));
  return true;
}

export function lstatOrNull(path: string): Stats | null {
  try {
    // A missing file is common here, and an exception takes ten times as long.
    return lstatSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

export function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') throw error;
  }
}

/** Removes a file and makes its absence durable. */
export function removeDurably(path: string): void {
  removeIfThere(path);
  syncFolder(dirname(path));
}

/** Cuts a file to its first `bytes` bytes, durably. */
export function truncateFile(path: string, bytes: number): void {
  truncateSync(path, bytes);
  const handle = openSync(path, 'r+');
  fsyncSync(handle);
  closeSync(handle);
}

/** The first symbolic link of a path that leads out of the root, or null. Parts that do not exist yet lead nowhere. */
export function leadsOutside(root: string, path: string): string | null {
  const realRoot = realpathSync(root);
  let current = root;
  for (const part of relative(root, path).split(sep)) {
    if (part === '' || part === '.') continue;
    if (part === '..') return path;
    current = join(current, part);
    const stats = lstatOrNull(current);
    if (stats === null) return null;
    if (!stats.isSymbolicLink()) continue;
    let target: string;
    try {
      target = realpathSync(current);
    } catch {
      return current;
    }
    if (target !== realRoot && !target.startsWith(realRoot + sep)) return current;
  }
  return null;
}

/** What a symbolic link says; null if it cannot be read. */
export function readLinkOrNull(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

/** A path with its symbolic links resolved; unchanged if that fails. */
export function realPathOr(path: string): string {
  try {
    return realpathSync.native(path);
  } catch {
    return path;
  }
}

/** A part of a file; less at its end, and nothing if there is no file. */
export function readPart(path: string, offset: number, most: number): Buffer {
  let handle: number;
  try {
    handle = openFile(path);
  } catch {
    return Buffer.alloc(0);
  }
  try {
    const buffer = Buffer.allocUnsafe(Math.min(most, Math.max(0, fstatSync(handle).size - offset)));
    return buffer.subarray(0, readSync(handle, buffer, 0, buffer.length, offset));
  } finally {
    closeSync(handle);
  }
}

/** The whole of a file whose size the caller knows to be small; nothing if there is no file. */
export function readBytes(path: string): Buffer {
  return readPart(path, 0, MOST_TEXT_BYTES);
}

/** Bytes that the caller may still write on the file system of a path. */
export function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

/** Null if the file system does not count them. */
export function freeInodes(path: string): number | null {
  const { ffree, files } = statfsSync(path);
  return files === 0 ? null : ffree;
}

/** SHA-256 of a small file's bytes; null if it cannot be read. */
export function digestOf(path: string): string | null {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return null;
  }
}

/** Appends a line to an open file without waiting for the disk: for logs. */
export function writeLine(handle: number, line: string): void {
  writeAll(handle, `${line}\n`);
}

/** A file to which another program appends. */
export function openForAppend(path: string): { readonly handle: number; readonly close: () => void } {
  const handle = openSync(path, 'a', 0o666);
  return {
    handle,
    close: () => {
      closeSync(handle);
    },
  };
}

/** 0 if there is no file. */
export function sizeOf(path: string): number {
  return lstatOrNull(path)?.size ?? 0;
}

/**
 * Writes into a file from an offset on; makes it if it is missing. Writing the same bytes twice has no further effect.
 */
export function writeAt(path: string, offset: number, bytes: Uint8Array): void {
  const handle = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o666);
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done, bytes.length - done, offset + done);
  } finally {
    closeSync(handle);
  }
}
