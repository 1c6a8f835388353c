import { writeSync } from 'node:fs';

/** Writes a few bytes, all or none. False if they cannot be written now: a full pipe, a full disk, nobody who reads. */
export function writeAtOnce(handle: number, text: string): boolean {
  try {
    return writeSync(handle, text) > 0;
  } catch {
    return false;
  }
}
