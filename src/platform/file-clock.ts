import { closeSync, openSync, readSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { lstatOrNull, removeIfThere } from './files.ts';
import { temporaryFor } from './temporary-name.ts';

/** Heartbeats, by the time stamps of files. */

/**
 * A heartbeat: sets a file's time stamp to now by rewriting its first byte, so that the file system's clock, which all
 * hosts share, provides the time. Does nothing if the file is gone or not writable.
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
    // The next heartbeat may succeed.
  }
}

/** Milliseconds since the epoch by the clock of the file system, which stamps the files; null if it cannot be read. */
export function fileClockMs(folder: string): number | null {
  try {
    const path = temporaryFor(join(folder, 'clock'));
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

/** Milliseconds since the file was last written, by its own time stamp; null if there is no file. */
export function ageMs(path: string, nowMs: number): number | null {
  try {
    return nowMs - statSync(path).mtimeMs;
  } catch {
    return null;
  }
}

/** When the kernel last saw a change of the file, a rename, or a new name of it; null if there is no file. */
export function changedAtMs(path: string): number | null {
  return lstatOrNull(path)?.ctimeMs ?? null;
}
