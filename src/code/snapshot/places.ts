import { join } from 'node:path';
import type { OpenedData } from '../../records/run-data.ts';
import { placeInSnapshot, SNAPSHOTS } from '../../records/snapshot-place.ts';

/** Where snapshots lie. Pure. */

/** While it is made, and while it is removed, a tree has a name that no run knows. */
export const MAKING = 'making.';
export const REMOVING = 'removing.';
/** A tree that was modified after it was made. */
export const SPOILT = 'spoilt.';

export interface SnapshotPlaces {
  readonly folder: string;
  /** Files by digest. */
  readonly store: string;
  /** One symbolic link a run, to the tree that it uses. */
  readonly runs: string;
}

/** `root`: of the project. */
export function snapshotPlaces(root: string): SnapshotPlaces {
  const folder = join(root, SNAPSHOTS);
  return { folder, store: join(folder, 'store'), runs: join(folder, 'runs') };
}

/** The project that the run's own command works in. `root`: the project as the run sees it. */
export function codeRootOf(root: string, { run_id, snapshot }: Pick<OpenedData, 'run_id' | 'snapshot'>): string {
  return snapshot === undefined ? root : join(root, placeInSnapshot(run_id, snapshot.prefix));
}
