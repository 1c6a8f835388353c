import {
  chmodSync,
  closeSync,
  openSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  truncateSync,
  utimesSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder, writeAll } from './files.ts';

/** Handles large files in pieces, so that none is ever held in memory completely. */

/** Reads at most this many bytes from an offset on; fewer at the end of the file. */
export function readPiece(path: string, offset: number, most: number): Buffer {
  const handle = openSync(path, 'r');
  try {
    const buffer = Buffer.alloc(most);
    let count = 0;
    for (;;) {
      const read = readSync(handle, buffer, count, most - count, offset + count);
      count += read;
      if (read === 0 || count === most) return buffer.subarray(0, count);
    }
  } finally {
    closeSync(handle);
  }
}

/** Appends to a file, and makes it if it is missing. */
export function appendPiece(path: string, piece: Uint8Array): void {
  makeFolder(dirname(path));
  const handle = openSync(path, 'a', 0o600);
  try {
    writeAll(handle, piece);
  } finally {
    closeSync(handle);
  }
}

export interface FileFacts {
  readonly bytes: number;
  /** Permission bits. */
  readonly mode: number;
  /** Seconds. */
  readonly modified: number;
}

/** Null if there is no such file. */
export function factsOf(path: string): FileFacts | null {
  try {
    const { size, mode, mtimeMs } = statSync(path);
    return { bytes: size, mode: mode & 0o7777, modified: Math.floor(mtimeMs / 1000) };
  } catch {
    return null;
  }
}

export function emptyFile(path: string): void {
  truncateSync(path);
}

/** Gives a complete file its permissions, its time and its place. Its partial folder is removed with the last file. */
export function finishFile(from: string, to: string, { mode, modified }: Omit<FileFacts, 'bytes'>): void {
  chmodSync(from, mode);
  utimesSync(from, modified, modified);
  renameSync(from, to);
  try {
    rmdirSync(dirname(from));
  } catch {
    // Other files are in it.
  }
}
