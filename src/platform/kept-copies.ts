import {
  type BigIntStats,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  cpSync,
  fstatSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { stampOf } from './file-stamp.ts';
import { errorCodeOf, lstatOrNull, messageOf, readBytes, writeFileAtomic } from './files.ts';
import { newToken } from './ids.ts';
import { temporaryFor } from './temporary-name.ts';

/** The door for keeping a tree as it is and putting it back: modes, links and folders included. No link is followed. */

export interface PathLook {
  readonly kind: 'file' | 'folder' | 'link' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly bytes: number;
  /** Another state of a file has another one; see `FileStamp`. */
  readonly stamp: string;
  readonly inode: string;
  readonly mtimeMs: number;
  /** What a link says; '' for anything else. */
  readonly target: string;
}

/** Null if nothing is there. */
export function lookAtPath(path: string): PathLook | null {
  const stats = statOrNull(path);
  if (stats === null) return null;
  const kind = stats.isFile() ? 'file' : stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'other';
  return {
    kind,
    mode: Number(stats.mode & 0o7777n),
    bytes: Number(stats.size),
    stamp: stampOf(stats).key,
    inode: `${stats.dev}:${stats.ino}`,
    mtimeMs: Number(stats.mtimeMs),
    target: kind === 'link' ? readlinkSync(path) : '',
  };
}

function statOrNull(path: string): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}

/** `copy` shares blocks where the file system can; `link` costs nothing, and keeps a file that is removed or replaced. */
export type KeptAs = 'copy' | 'link';

/** Returns whether it was kept. */
export function keepFile(path: string, kept: string, as: KeptAs): boolean {
  try {
    if (as === 'link') linkSync(path, kept);
    else copyFileSync(path, kept, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    return true;
  } catch {
    return false;
  }
}

interface FileAs {
  readonly mode: number;
  readonly mtimeMs: number;
}

/** Puts a kept file in its place, where nothing is. Returns why it cannot, or null. */
export function putFile(kept: string | Buffer, path: string, as: KeptAs, { mode, mtimeMs }: FileAs): string | null {
  return reasonOf(() => {
    if (typeof kept === 'string' && as === 'link') {
      linkSync(kept, path);
      chmodSync(path, mode);
      return;
    }
    if (typeof kept === 'string') copyWhole(kept, path, mode);
    else writeFileAtomic(path, kept, mode);
    chmodSync(path, mode);
    utimesSync(path, new Date(mtimeMs), new Date(mtimeMs));
  });
}

/** Killed in the middle, it leaves no half of a file. */
function copyWhole(kept: string, path: string, mode: number): void {
  const temporary = temporaryFor(path);
  copyFileSync(kept, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  chmodSync(temporary, mode | 0o200);
  renameSync(temporary, path);
}

export function putFolder(path: string, mode: number): string | null {
  return reasonOf(() => {
    mkdirSync(path, { mode });
    chmodSync(path, mode);
  });
}

export function putLink(path: string, target: string): string | null {
  return reasonOf(() => {
    symlinkSync(target, path);
  });
}

export function putMode(path: string, mode: number): string | null {
  return reasonOf(() => {
    chmodSync(path, mode);
  });
}

/** Moves away whatever is there, with all below it. Returns why it cannot, or null. */
export function putAside(path: string, to: string): string | null {
  return reasonOf(() => {
    mkdirSync(dirname(to), { recursive: true });
    const free = lstatOrNull(to) === null ? to : `${to}.${newToken().slice(0, 8)}`;
    // To move a folder takes the right to write into it.
    const stats = lstatOrNull(path);
    if (stats?.isDirectory() === true) chmodSync(path, stats.mode | 0o700);
    try {
      renameSync(path, free);
    } catch (error) {
      if (errorCodeOf(error) !== 'EXDEV') throw error;
      cpSync(path, free, { recursive: true, dereference: false, verbatimSymlinks: true, preserveTimestamps: true });
      rmSync(path, { recursive: true });
    }
  });
}

function reasonOf(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

/** Whether two files have the same bytes. */
export function haveSameBytes(path: string, kept: string | Buffer): boolean {
  return readBytes(path).equals(typeof kept === 'string' ? readBytes(kept) : kept);
}

/** A folder held open: it is found again under whatever name it has got. */
export interface KeptPlace {
  /** Its present path; null if it was removed. */
  readonly path: () => string | null;
  readonly close: () => void;
}

export function keepPlace(path: string): KeptPlace {
  const handle = openSync(path, 'r');
  return {
    path: () => {
      try {
        // A removed folder has no entries left, not even its own.
        if (fstatSync(handle).nlink === 0) return null;
        const found = readlinkSync(`/proc/self/fd/${handle}`);
        return lstatOrNull(found) === null ? null : found;
      } catch {
        return null;
      }
    },
    close: () => {
      closeSync(handle);
    },
  };
}
