import { closeSync, linkSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { errorCodeOf, lstatOrNull, removeIfThere, writeAll } from './files.ts';
import { temporaryFor } from './temporary-name.ts';

/** Files that are complete or not there, by rename or link, and of which nothing waits for the disk: there are thousands. */

export function putQuickly(path: string, text: string): void {
  const temporary = writeBeside(path, text);
  try {
    renameSync(temporary, path);
  } catch (error) {
    removeIfThere(temporary);
    throw error;
  }
}

/** Returns false if there is such a file already, and it is not ours. */
export function createQuickly(path: string, text: string): boolean {
  const temporary = writeBeside(path, text);
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(code)) return createByOpening(path, text);
    if (code !== 'EEXIST') throw error;
    // An answer of NFS can be lost after the link was made.
    return lstatOrNull(path)?.ino === lstatOrNull(temporary)?.ino;
  } finally {
    removeIfThere(temporary);
  }
}

/** Returns false if something else is there. */
export function makeFolderQuickly(path: string): boolean {
  try {
    mkdirSync(path);
    return true;
  } catch (error) {
    if (errorCodeOf(error) !== 'EEXIST') throw error;
    return lstatOrNull(path)?.isDirectory() === true;
  }
}

function writeBeside(path: string, text: string): string {
  const temporary = temporaryFor(path);
  writeNew(temporary, text);
  return temporary;
}

function writeNew(path: string, text: string): void {
  const handle = openSync(path, 'wx', 0o666);
  try {
    writeAll(handle, text);
  } finally {
    closeSync(handle);
  }
}

/** A file system without hard links. */
function createByOpening(path: string, text: string): boolean {
  try {
    writeNew(path, text);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
