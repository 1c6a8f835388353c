import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { removeIfThere } from './files.ts';

/** Signs of life, by the time stamps of files. */

/**
 * A sign of life: gives a file the time stamp of now, by the clock of the file system, which all hosts share. Its first
 * byte is written again. Nothing happens where it is gone, or cannot be written.
 */
export function touch(path: string): void {
  try {
    const handle = openSync(path, 'r+');
    try {
      const first = Buffer.alloc(1);
      if (readSync(handle, first, 0, 1, 0) === 1) writeSync(handle, first, 0, 1, 0);
    } finally {
      closeSync(handle);
    }
  } catch {
    // The next beat may get through.
  }
}

/** Milliseconds since the epoch by the clock of the file system, which stamps the files; null where it cannot be asked. */
export function fileClockMs(folder: string): number | null {
  try {
    const path = join(folder, `.clock.${randomBytes(8).toString('hex')}.tmp`);
    closeSync(openSync(path, 'wx'));
    try {
      return statSync(path).mtimeMs;
    } finally {
      removeIfThere(path);
    }
  } catch {
    return null;
  }
}

/** Milliseconds since the file was last written, by its own time stamp; null if there is none. */
export function ageMs(path: string, nowMs: number): number | null {
  try {
    return nowMs - statSync(path).mtimeMs;
  } catch {
    return null;
  }
}
