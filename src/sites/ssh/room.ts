import { dirname } from 'node:path';
import type { FarEntry } from '../../transports/far-list.ts';

/**
 * Whether there is room here for the outputs and for what the launcher writes about them: a full disk would leave
 * no place to say so. Pure.
 */
export interface Room {
  readonly bytes: number;
  /** Null if the file system does not count them. */
  readonly inodes: number | null;
}

/** What a file takes on most file systems, however small it is. */
const BLOCK_BYTES = 4096;
/** For the journal, the manifest, the log, and the temporary files beside them. */
const OWN_BYTES = 1024 * 1024;
const OWN_INODES = 32;
/** Of a line in `artifacts.sha256`, its path aside. */
const LINE_BYTES = 70;

/** `bytesHere`: null if there is no such file. Returns null if there is room. */
export function lacksRoom(
  entries: readonly Pick<FarEntry, 'path' | 'kind' | 'bytes'>[],
  bytesHere: (path: string) => number | null,
  free: Room,
): string | null {
  let bytes = 0;
  let lines = 0;
  let inodes = 0;
  const folders = new Set<string>();
  for (const entry of entries) {
    const here = bytesHere(entry.path);
    lines += entry.path.length + LINE_BYTES;
    if (entry.kind === 'file') bytes += Math.max(0, onDisk(entry.bytes) - onDisk(here ?? 0));
    if (here !== null) continue;
    inodes += 1;
    folders.add(dirname(entry.path));
  }
  // All outputs are here: there may be room for the rest.
  if (bytes === 0 && inodes === 0) return null;
  bytes += lines + OWN_BYTES;
  inodes += folders.size + OWN_INODES;
  if (bytes > free.bytes) return lackOf('bytes', bytes, free.bytes);
  if (free.inodes !== null && inodes > free.inodes) return lackOf('inodes', inodes, free.inodes);
  return null;
}

function onDisk(bytes: number): number {
  return Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;
}

function lackOf(what: string, needed: number, free: number): string {
  return `the outputs and what is recorded of them need ${needed} ${what} here, and ${free} are free`;
}
