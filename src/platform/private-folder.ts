import { chmodSync, lstatSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { userInfo } from 'node:os';
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
    if (!stats.isDirectory() || stats.uid !== userInfo().uid) return false;
    if ((stats.mode & 0o077) !== 0) chmodSync(path, 0o700);
    return true;
  } catch {
    return false;
  }
}

/** A private folder with an unpredictable name. */
export function makeUnguessedFolder(prefix: string): string {
  return mkdtempSync(prefix);
}

/** Renames a file over another one. Nothing is made durable. */
export function renameOver(from: string, to: string): void {
  renameSync(from, to);
}
