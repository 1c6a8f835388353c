import { accessSync, constants, readdirSync, rmdirSync } from 'node:fs';
import { errorCodeOf } from './files.ts';

/** The door for listing folders whose file names may be any bytes that the file system allows. */
export interface FolderEntry {
  /** Raw bytes: a name need not be UTF-8. */
  readonly name: Buffer;
  readonly kind: 'file' | 'symlink' | 'folder' | 'other';
}

/** The entries of a folder, in no order. Throws as readdir does: ENOENT, EACCES, ENOTDIR. */
export function listEntries(path: string): FolderEntry[] {
  return readdirSync(path, { withFileTypes: true, encoding: 'buffer' }).map((entry) => ({
    name: entry.name,
    kind: entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? 'symlink' : 'other',
  }));
}

/** Leaves a folder alone that another process has put something into. */
export function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errorCodeOf(error))) throw error;
  }
}

/** Whether this user may write there: a file, or entries of a folder. */
export function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
