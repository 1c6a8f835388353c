import { closeSync, fstatSync, openSync, readlinkSync, statSync } from 'node:fs';

/** Identifies a folder independently of its name. */

/** As text, because inode numbers may exceed JavaScript's safe integers; null if nothing is there. */
export function inodeOf(path: string): string | null {
  try {
    return String(statSync(path, { bigint: true }).ino);
  } catch {
    return null;
  }
}

/** A folder held open, so that it is recognized under any name. */
export interface HeldFolder {
  readonly isAt: (path: string) => boolean;
  readonly close: () => void;
}

export function heldFolder(path: string): HeldFolder {
  const handle = openSync(path, 'r');
  const inode = String(fstatSync(handle, { bigint: true }).ino);
  return {
    isAt: (other) => inodeOf(other) === inode,
    close: () => {
      closeSync(handle);
    },
  };
}

export interface WorkingFolder {
  /** Its present name, or its last one. */
  readonly path: string;
  readonly inode: string;
  readonly removed: boolean;
}

const REMOVED = ' (deleted)';

/** The working folder of a process; null if it has ended or belongs to another user. */
export function workingFolderOf(pid: number): WorkingFolder | null {
  const link = `/proc/${pid}/cwd`;
  try {
    const path = readlinkSync(link);
    const inode = inodeOf(link);
    if (inode === null) return null;
    const removed = path.endsWith(REMOVED);
    return { path: removed ? path.slice(0, -REMOVED.length) : path, inode, removed };
  } catch {
    return null;
  }
}
