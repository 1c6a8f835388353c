import { basename, join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import { listNames, lstatOrNull, readLinkOrNull, removeIfThere } from '../../platform/files.ts';
import { newToken } from '../../platform/ids.ts';
import {
  type FileNames,
  namesOf,
  removeTree,
  renameDurably,
  sizesBelow,
  type TreeSize,
} from '../../platform/kept-files.ts';
import { MAKING, REMOVING, snapshotPlaces, SPOILT } from './places.ts';

/** Snapshots that no open run needs, and the files of the store that only they had. */

export interface SnapshotTree {
  /** A whole tree, or one that was being made or removed when its driver was killed, or that was modified. */
  readonly what: 'snapshot' | 'unfinished';
  /** Within the folder of snapshots. */
  readonly name: string;
  readonly size: TreeSize;
  /** The open run that needs it; null if none does. */
  readonly neededBy: string | null;
}

export interface StoredFiles {
  readonly names: readonly string[];
  readonly bytes: number;
}

export interface Snapshots {
  readonly trees: readonly SnapshotTree[];
  /** Files of the store that no tree has, once those trees are removed that no run needs. */
  readonly free: StoredFiles;
  /** Of files that only those trees have. */
  readonly unsharedBytes: number;
  /** Links of runs that are over. */
  readonly links: readonly string[];
}

const WHOLE = /^[0-9a-f]{64}$/;

/** `open`: ids of the runs that may not be over. Reads only. */
export function lookAtSnapshots(root: string, open: ReadonlySet<string>): Snapshots {
  const { folder, store, runs } = snapshotPlaces(root);
  const links = listNames(runs);
  const needed = new Map<string, string>();
  for (const runId of links) {
    const tree = open.has(runId) ? readLinkOrNull(join(runs, runId)) : null;
    if (tree !== null) needed.set(basename(tree), runId);
  }
  const trees = listNames(folder).flatMap((name): SnapshotTree[] => {
    const whole = WHOLE.test(name);
    if (!whole && ![MAKING, REMOVING, SPOILT].some((prefix) => name.startsWith(prefix))) return [];
    const size = sizesBelow(join(folder, name));
    return [{ what: whole ? 'snapshot' : 'unfinished', name, size, neededBy: needed.get(name) ?? null }];
  });
  const gone = namesIn(trees.filter(({ neededBy }) => neededBy === null));
  const unshared = [...gone.values()].filter(({ here, everywhere }) => here === everywhere);
  return {
    trees,
    free: freeIn(store, gone),
    unsharedBytes: unshared.reduce((sum, { bytes }) => sum + bytes, 0),
    links: links.filter((runId) => !open.has(runId)),
  };
}

function namesIn(trees: readonly SnapshotTree[]): ReadonlyMap<string, FileNames> {
  const all = new Map<string, FileNames>();
  for (const { size } of trees)
    for (const [inode, names] of size.inodes)
      all.set(inode, { ...names, here: names.here + (all.get(inode)?.here ?? 0) });
  return all;
}

/** Those whose other names are all in trees that will be removed. */
function freeIn(store: string, gone: ReadonlyMap<string, FileNames>): StoredFiles {
  const free = listNames(store).flatMap((name) => {
    const stored = namesOf(join(store, name));
    return stored !== null && stored.names - (gone.get(stored.inode)?.here ?? 0) <= 1
      ? [{ name, bytes: stored.bytes }]
      : [];
  });
  return { names: free.map(({ name }) => name), bytes: free.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Killed at any moment, the next call continues: a tree that is being removed has a name that no run knows. */
export function removeFreeSnapshots(root: string, { trees, free, links }: Snapshots): void {
  const { folder, store, runs } = snapshotPlaces(root);
  for (const runId of links) removeIfThere(join(runs, runId));
  crashPoint('clean.links_removed');
  for (const { what, name, neededBy } of trees) {
    if (neededBy !== null) continue;
    const path = join(folder, what === 'snapshot' ? `${REMOVING}${newToken().slice(0, 12)}` : name);
    if (what === 'snapshot') renameDurably(join(folder, name), path);
    crashPoint('clean.tree_renamed');
    removeTree(path);
    crashPoint('clean.tree_removed');
  }
  for (const name of free.names) {
    const path = join(store, name);
    // Looked at once more: a name elsewhere is a tree that has it.
    if (lstatOrNull(path)?.nlink === 1) removeIfThere(path);
  }
  crashPoint('clean.store_swept');
}
