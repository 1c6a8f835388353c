import { join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import { exists, listNames, makeFolder, removeIfThere, writeFileIfChanged } from '../../platform/files.ts';
import { newToken } from '../../platform/ids.ts';
import { closeFolder, removeTree, renameDurably, setSymlink, syncTree } from '../../platform/kept-files.ts';
import { fillStore, fillTree } from './fill.ts';
import { isIntact } from './intact.ts';
import { MAKING, type SnapshotPlaces, snapshotPlaces, SPOILT } from './places.ts';
import type { SnapshotPlan } from './plan.ts';

/**
 * Makes the tree of a run, or takes the one that is there. The caller holds the project's lease: no other process makes or removes
 * snapshots meanwhile. Repeating it after a crash leaves the same.
 */

export interface MakeSnapshot {
  /** The project root, where the snapshots lie. */
  readonly root: string;
  /** The listed tree. */
  readonly from: string;
  readonly runId: string;
  readonly signal?: AbortSignal;
}

export type Snapshot =
  | { readonly kind: 'made'; readonly copied: number; readonly linked: number }
  /** An earlier run has made it. */
  | { readonly kind: 'found' }
  /** These files are no longer what was listed; nothing was made. */
  | { readonly kind: 'changed'; readonly files: readonly string[] };

export async function makeSnapshot(plan: SnapshotPlan, { root, from, runId, signal }: MakeSnapshot): Promise<Snapshot> {
  const { folder, store, runs } = snapshotPlaces(root);
  for (const each of [folder, store, runs]) makeFolder(each);
  // Whatever the project's own .gitignore says: git would list every file of every snapshot.
  writeFileIfChanged(join(folder, '.gitignore'), '*\n');
  removeUnfinished({ folder, runs, store });
  const tree = join(folder, plan.digest);
  const there = exists(tree);
  const intact = there && isIntact(tree, plan);
  if (there && !intact) renameDurably(tree, join(folder, `${SPOILT}${newToken().slice(0, 12)}`));
  let snapshot: Snapshot = { kind: 'found' };
  if (!intact) {
    snapshot = await makeTree(plan, {
      from,
      tree,
      store,
      making: join(folder, `${MAKING}${newToken().slice(0, 12)}`),
      signal,
    });
    if (snapshot.kind === 'changed') return snapshot;
  }
  const link = join(runs, runId);
  setSymlink(join('..', plan.digest), link, `${link}.tmp`);
  crashPoint('snapshot.linked');
  return snapshot;
}

interface MakeTree {
  readonly from: string;
  readonly tree: string;
  readonly store: string;
  readonly making: string;
  readonly signal: AbortSignal | undefined;
}

/** An interrupt, or a full disk, leaves nothing behind. */
async function makeTree(plan: SnapshotPlan, { from, tree, store, making, signal }: MakeTree): Promise<Snapshot> {
  makeFolder(making);
  crashPoint('snapshot.begun');
  try {
    const filled = await fillTree(plan, { from, to: making, store, ...(signal === undefined ? {} : { signal }) });
    const { copied, linked, changed } = filled;
    if (changed.length > 0) {
      removeTree(making);
      return { kind: 'changed', files: changed };
    }
    crashPoint('snapshot.filled');
    for (const each of plan.folders.toReversed()) closeFolder(join(making, each));
    await syncTree(making);
    crashPoint('snapshot.synced');
    await fillStore(copied, making, store);
    crashPoint('snapshot.stored');
    renameDurably(making, tree);
    crashPoint('snapshot.named');
    return { kind: 'made', copied: copied.length, linked };
  } catch (error) {
    removeTree(making);
    throw error;
  }
}

/** What a driver that was killed has left. */
function removeUnfinished({ folder, runs }: SnapshotPlaces): void {
  for (const name of listNames(folder)) if (name.startsWith(MAKING)) removeTree(join(folder, name));
  for (const name of listNames(runs)) if (name.endsWith('.tmp')) removeIfThere(join(runs, name));
}
