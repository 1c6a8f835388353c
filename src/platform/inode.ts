import { closeSync, fstatSync, openSync, readlinkSync, statSync } from 'node:fs';

/** What tells one folder from another, whatever it is called. */

/** As text, because a file system may number beyond what a JavaScript number holds; null where nothing is there. */
export function inodeOf(path: string): string | null {
  try {
    return String(statSync(path, { bigint: true }).ino);
  } catch {
    return null;
  }
}

/** A folder that is kept in hand, to be known again whatever it is called. */
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
  /** As it is called now, or was called last. */
  readonly path: string;
  readonly inode: string;
  readonly removed: boolean;
}

const REMOVED = ' (deleted)';

/** The folder that a process works in; null where it has ended, or is another user's. */
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
