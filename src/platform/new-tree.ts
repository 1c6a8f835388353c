import { closeSync, constants, mkdirSync, openSync, readSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { listNames, lstatOrNull, messageOf, realPathOr, removeIfThere, writeAll } from './files.ts';

/** The door for filling a folder of our own with files. Nothing is made durable, and no link is followed at the end of a path. */

const MODE = 0o666;
const EXECUTABLE_MODE = 0o777;
const CHUNK_BYTES = 1024 * 1024;

export interface NewFile {
  readonly write: (bytes: Uint8Array) => void;
  readonly close: () => void;
}

/** Makes the file, or empties it; its folders are made. Throws as the system does. */
export function openNewFile(path: string, executable: boolean): NewFile {
  mkdirSync(dirname(path), { recursive: true });
  removeIfThere(path);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = openSync(path, flags, executable ? EXECUTABLE_MODE : MODE);
  return {
    write: (bytes) => {
      writeAll(handle, bytes);
    },
    close: () => {
      closeSync(handle);
    },
  };
}

/** Returns why it cannot be written, or null. */
export function writeNewFile(path: string, bytes: Uint8Array, executable: boolean): string | null {
  try {
    const file = openNewFile(path, executable);
    try {
      file.write(bytes);
    } finally {
      file.close();
    }
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Copies the bytes of a file. Returns why it cannot, or null. */
export function copyToNewFile(from: string, path: string, executable: boolean): string | null {
  try {
    const source = openSync(from, constants.O_RDONLY | constants.O_NONBLOCK);
    const file = openNewFile(path, executable);
    try {
      const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
      for (let count = readSync(source, buffer); count > 0; count = readSync(source, buffer))
        file.write(buffer.subarray(0, count));
    } finally {
      file.close();
      closeSync(source);
    }
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** `text`: of the link, as bytes. Returns why it cannot be made, or null. */
export function makeNewLink(path: string, text: Uint8Array): string | null {
  try {
    mkdirSync(dirname(path), { recursive: true });
    symlinkSync(Buffer.from(text), path);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Whether a new tree may be made there: nothing is there, or an empty folder. */
export function isFreeForTree(path: string): boolean {
  if (lstatOrNull(path) === null) return true;
  return lstatOrNull(realPathOr(path))?.isDirectory() === true && listNames(path).length === 0;
}
