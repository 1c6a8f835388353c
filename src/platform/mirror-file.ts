import { renameSync, writeFileSync } from 'node:fs';
import { removeIfThere } from './files.ts';
import { temporaryFor } from './temporary-name.ts';

/**
 * Replaces a file, completely or not at all, without waiting for the disk: for copies of what can be fetched again. After a
 * power failure it may be empty.
 */
export function mirrorFile(path: string, content: string): void {
  const temporary = temporaryFor(path);
  try {
    writeFileSync(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
}
