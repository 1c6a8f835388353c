import { chmodSync, lstatSync, mkdirSync, mkdtempSync, renameSync } from 'node:fs';
import { userInfo } from 'node:os';
import { errorCodeOf } from './files.ts';

/**
 * Makes a folder of which nobody else can read or change anything, or finds it so. False where there can be none: the place is
 * missing, or something else has the name, for example a symbolic link that leads elsewhere or a folder of another user.
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

/** One with a name that nobody could guess. */
export function makeUnguessedFolder(prefix: string): string {
  return mkdtempSync(prefix);
}

/** Puts what is there under another name, in place of what had it. Nothing of it is made durable. */
export function renameOver(from: string, to: string): void {
  renameSync(from, to);
}
