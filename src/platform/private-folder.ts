import { chmodSync, lstatSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { errorCodeOf } from './files.ts';

/**
 * Makes a folder that only its owner can read or change, or checks that it is one. Returns false if that fails: the
 * parent is missing, or the name is taken, for example by a symbolic link or another user's folder.
 */
export function makePrivateFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errorCodeOf(error) !== 'EEXIST') return false;
  }
  try {
    const stats = lstatSync(path);
    if (!stats.isDirectory() || stats.uid !== process.getuid?.()) return false;
    if ((stats.mode & 0o077) !== 0) chmodSync(path, 0o700);
    return true;
  } catch {
    return false;
  }
}

/** A private folder with an unpredictable name: the first of these that can be made. */
export function makeUnguessedFolder([prefix = '', ...others]: readonly string[]): string {
  try {
    return mkdtempSync(prefix);
  } catch (error) {
    if (others.length === 0) throw error;
    return makeUnguessedFolder(others);
  }
}

/** Renames a file over another one. Nothing is made durable. */
export function renameOver(from: string, to: string): void {
  renameSync(from, to);
}
