import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  openSync,
  statfsSync,
  type Stats,
} from 'node:fs';
import { join } from 'node:path';
import { removeIfThere } from './files.ts';
import { temporaryFor } from './temporary-name.ts';
import { now } from './time.ts';

/** Distinguishes states of a file without reading it. */
export interface FileStamp {
  /** Device, inode, size, and mtime and ctime in nanoseconds: another state of the file has another key. */
  readonly key: string;
  readonly device: bigint;
  readonly bytes: number;
  /** The later of mtime and ctime, in nanoseconds since the epoch by the clock of the file system. */
  readonly newest: bigint;
}

export function stampOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): FileStamp {
  return {
    key: `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`,
    device: dev,
    bytes: Number(size),
    newest: mtimeNs > ctimeNs ? mtimeNs : ctimeNs,
  };
}

/**
 * Whether an open file has the stamp still, to the millisecond: a change now differs by more from the stamp of a file that
 * is old enough to matter. Cheaper than another stamp.
 */
export function isAsStamped({ size, mtimeMs, ctimeMs }: Stats, { bytes, newest }: FileStamp): boolean {
  return size === bytes && Math.abs(Math.max(mtimeMs, ctimeMs) - Number(newest / 1_000_000n)) <= 1;
}

/**
 * The stamp of a regular file; null if something else or nothing is there. `fresh`: the file is opened, because a network
 * file system may answer lstat from what it knew a minute ago, and asks its server at an open only (nfs(5), close-to-open).
 */
export function stampOfPath(path: string, fresh: boolean): FileStamp | null {
  try {
    if (!fresh) {
      const stats = lstatSync(path, { bigint: true });
      return stats.isFile() ? stampOf(stats) : null;
    }
    const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(handle, { bigint: true });
      return stats.isFile() ? stampOf(stats) : null;
    } finally {
      closeSync(handle);
    }
  } catch {
    return null;
  }
}

/** statfs(2): ext, xfs, btrfs, tmpfs, overlay, zfs, f2fs, bcachefs. */
const LOCAL = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x2fc12fc1, 0xf2f52010, 0xca451a4e]);

/** Whether only this host changes the files there; false for file systems that are not listed. */
export function isLocalFileSystem(path: string): boolean {
  try {
    return LOCAL.has(statfsSync(path).type >>> 0);
  } catch {
    return false;
  }
}

/** The clock of a file system that only this host changes: its kernel's. Null for other file systems. */
export function localClock(path: string, device: bigint): FileSystemClock | null {
  return isLocalFileSystem(path) ? { device, now: BigInt(Date.parse(now())) * 1_000_000n } : null;
}

/** A file system's device and its current time. */
export interface FileSystemClock {
  readonly device: bigint;
  /** Nanoseconds since the epoch. */
  readonly now: bigint;
}

/**
 * Reads the clock from a file that is made in the folder and removed. Returns null if no file can be made, and on file
 * systems whose ctime follows an mtime that is set back: there, an edit that restores the mtime would not show.
 */
export function fileSystemClock(folder: string): FileSystemClock | null {
  const path = temporaryFor(join(folder, 'clock'));
  try {
    const handle = openSync(path, 'wx');
    try {
      const { dev, mtimeNs } = fstatSync(handle, { bigint: true });
      futimesSync(handle, 0, 0);
      const after = fstatSync(handle, { bigint: true });
      return after.mtimeNs === 0n && after.ctimeNs >= mtimeNs ? { device: dev, now: mtimeNs } : null;
    } finally {
      closeSync(handle);
      removeIfThere(path);
    }
  } catch {
    return null;
  }
}
