import { readdirSync } from 'node:fs';

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
