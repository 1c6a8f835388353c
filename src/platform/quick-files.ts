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
  const made = createWithTwin(path, text);
  made?.drop();
  return made !== null;
}

/** A file that was made, and a second name for it, which can still be given or dropped. */
export interface Twin {
  readonly rename: (path: string) => void;
  readonly drop: () => void;
}

/** Null if there is such a file already, and it is not ours. */
export function createWithTwin(path: string, text: string): Twin | null {
  const temporary = writeBeside(path, text);
  const drop = (): void => {
    removeIfThere(temporary);
  };
  try {
    if (!linkOrCreate(temporary, path, text)) {
      drop();
      return null;
    }
  } catch (error) {
    drop();
    throw error;
  }
  const rename = (to: string): void => {
    renameSync(temporary, to);
  };
  return { rename, drop };
}

function linkOrCreate(temporary: string, path: string, text: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP'].includes(code)) return createByOpening(path, text);
    if (code !== 'EEXIST') throw error;
    // An answer of NFS can be lost after the link was made.
    return lstatOrNull(path)?.ino === lstatOrNull(temporary)?.ino;
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
