import { constants, copyFileSync, cpSync, linkSync, lstatSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCodeOf, makeFolder, messageOf } from './files.ts';

/** Copies a file or a tree; symbolic links are copied as links, never followed. Returns the error, or null. */
export function copyTree(from: string, to: string): string | null {
  try {
    makeFolder(dirname(to));
    cpSync(from, to, { recursive: true, dereference: false, verbatimSymlinks: true, preserveTimestamps: true });
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

export function isFolder(path: string): boolean {
  try {
    return lstatSync(path).isDirectory();
  } catch {
    return false;
  }
}

/**
 * The same file under another name; a copy if the file system, or the owner of the file, does not let it have two. A symbolic
 * link becomes another one with the same text. `to` must not exist. Returns the error, or null.
 */
export function linkOrCopy(from: string, to: string): string | null {
  try {
    makeFolder(dirname(to));
    if (lstatSync(from).isSymbolicLink()) symlinkSync(readlinkSync(from, 'buffer'), to);
    else linkFile(from, to);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function linkFile(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if (errorCodeOf(error) === 'EEXIST') throw error;
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}
