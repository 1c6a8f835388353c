import { hash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SMALL_FILE_BYTES } from './digest.ts';
import { errorCodeOf, lstatOrNull, syncFolder, writeAll } from './files.ts';
import { run } from './process.ts';

/**
 * The door for files that are made once and never changed: read-only, and with one time for all, so that a file that was
 * written to later shows by its time.
 */

/** 2000-01-01, in seconds: archives know no time before 1980. */
const KEPT_SECONDS = 946_684_800;
const READ_ONLY = 0o444;
const READ_AND_EXECUTE = 0o555;
const ANY_WRITES = 0o222;
const OWNER_EXECUTES = 0o100;

export interface KeptFile {
  readonly bytes: number;
  readonly executable: boolean;
}

// One byte more than the limit, so that growth of the file shows.
let buffer: Buffer | null = null;

/**
 * Copies a file of up to SMALL_FILE_BYTES, and returns the SHA-256 of what was written; null if it is larger, or is no file
 * any more: then nothing is written. The copy is not yet durable.
 */
export function keepSmallFile(from: string, to: string, executable: boolean): string | null {
  const source = openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  let bytes: Buffer;
  try {
    const stats = fstatSync(source);
    if (!stats.isFile() || stats.size > SMALL_FILE_BYTES) return null;
    buffer ??= Buffer.allocUnsafeSlow(SMALL_FILE_BYTES + 1);
    bytes = buffer.subarray(0, readSync(source, buffer, 0, SMALL_FILE_BYTES + 1, 0));
  } finally {
    closeSync(source);
  }
  const target = openSync(to, 'wx', executable ? READ_AND_EXECUTE : READ_ONLY);
  try {
    writeAll(target, bytes);
    futimesSync(target, KEPT_SECONDS, KEPT_SECONDS);
  } finally {
    closeSync(target);
  }
  return hash('sha256', bytes);
}

/** Copies a file of any size; shares its blocks where the file system can. The caller digests the copy. */
export function keepLargeFile(from: string, to: string, executable: boolean): void {
  const handle = openSync(to, 'wx', executable ? 0o777 : 0o666);
  try {
    // As the caller's mask has it; copying gives the file the mode of its source.
    const mode = fstatSync(handle).mode & READ_AND_EXECUTE;
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
    fchmodSync(handle, mode);
    futimesSync(handle, KEPT_SECONDS, KEPT_SECONDS);
  } finally {
    closeSync(handle);
  }
}

/** Whether the file is as it was made, as far as its inode shows. */
export function isAsKept(path: string, { bytes, executable }: KeptFile): boolean {
  const stats = lstatOrNull(path);
  return (
    stats?.isFile() === true &&
    stats.size === bytes &&
    stats.mtimeMs === KEPT_SECONDS * 1000 &&
    (stats.mode & ANY_WRITES) === 0 &&
    ((stats.mode & OWNER_EXECUTES) !== 0) === executable
  );
}

/** What a tree takes: a file with several names takes its room once. */
export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
  readonly inodes: ReadonlyMap<string, FileNames>;
}

export interface FileNames {
  /** In the tree. */
  readonly here: number;
  readonly everywhere: number;
  readonly bytes: number;
}

/** Never follows a link. What cannot be looked into counts as nothing. */
export function sizesBelow(path: string): TreeSize {
  const inodes = new Map<string, FileNames>();
  let files = 0;
  let bytes = 0;
  const left = [path];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const stats = lstatOrNull(at);
    if (stats === null) continue;
    if (stats.isDirectory()) {
      const folder = at;
      left.push(...namesIn(folder).map((name) => join(folder, name)));
      continue;
    }
    files += 1;
    if (!stats.isFile()) continue;
    const inode = `${stats.dev}:${stats.ino}`;
    const seen = inodes.get(inode)?.here ?? 0;
    if (seen === 0) bytes += stats.size;
    inodes.set(inode, { here: seen + 1, everywhere: stats.nlink, bytes: stats.size });
  }
  return { files, bytes, inodes };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** How many names a file has, and which file it is; null if it is none. */
export function namesOf(
  path: string,
): { readonly inode: string; readonly names: number; readonly bytes: number } | null {
  const stats = lstatOrNull(path);
  if (stats?.isFile() !== true) return null;
  return { inode: `${stats.dev}:${stats.ino}`, names: stats.nlink, bytes: stats.size };
}

/** Another name for a file; false if the file system has none, or no more for this file, or the name is taken. */
export function linkFile(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP', 'EMLINK', 'EXDEV', 'EEXIST'].includes(errorCodeOf(error)))
      return false;
    throw error;
  }
}

/** Makes a symbolic link that must not exist yet. */
export function makeSymlink(target: string, path: string): void {
  symlinkSync(target, path);
}

/** Makes or replaces a symbolic link, durably. */
export function setSymlink(target: string, path: string, temporary: string): void {
  symlinkSync(target, temporary);
  renameDurably(temporary, path);
}

export function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  syncFolder(dirname(to));
}

/** Makes a folder in one that is there. It is not yet durable. */
export function addFolder(path: string): void {
  mkdirSync(path);
}

/** Nobody but root can then add or remove what is in it. */
export function closeFolder(path: string): void {
  chmodSync(path, lstatSync(path).mode & 0o7777 & ~ANY_WRITES);
}

/** Removes a folder whose folders were closed. */
export function removeTree(path: string): void {
  openFolders(path);
  rmSync(path, { recursive: true, force: true });
}

function openFolders(path: string): void {
  const stats = lstatOrNull(path);
  if (stats?.isDirectory() !== true) return;
  if ((stats.mode & 0o700) !== 0o700) chmodSync(path, (stats.mode & 0o7777) | 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true, encoding: 'buffer' }))
    if (entry.isDirectory()) openFolders(join(path, entry.name.toString('utf8')));
}

/** Makes everything below a folder durable: with one call for the file system, else file by file. */
export async function syncTree(folder: string): Promise<void> {
  const synced = await run(['sync', '-f', '--', folder], { timeoutMs: 3_600_000 });
  if (synced.exitCode !== 0) syncEach(folder);
}

function syncEach(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) syncEach(path);
    else if (entry.isFile()) {
      const handle = openSync(path, 'r');
      try {
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
    }
  }
  syncFolder(folder);
}
