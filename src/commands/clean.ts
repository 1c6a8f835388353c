import { join } from 'node:path';
import { lookAtSnapshots, removeFreeSnapshots, type Snapshots } from '../code/snapshot/sweep.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { originalOf } from '../executors/original.ts';
import { executorOf } from '../executors/table.ts';
import { guardPlace } from '../plan/guard.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { listNames, lstatOrNull, removeIfThere } from '../platform/files.ts';
import { removeTree, sizesBelow, type TreeSize } from '../platform/kept-files.ts';
import { SNAPSHOTS } from '../records/snapshot-place.ts';
import { claimIsDamaged, listRuns, openRunIds } from '../run/claim.ts';
import { DriverControl } from '../run/control.ts';
import { leaseHolder } from '../run/lease.ts';
import { acquireLease, describeHolder, peekRun } from '../run/session.ts';
import { damagedClaim } from './launch-refusals.ts';
import { leftTemporaries, type LeftTemporary } from './left-temporaries.ts';

/** `autolab clean`: removes what runs that are over have left beside their records. */

export interface Leftover {
  /**
   * `snapshot`: a copy of the code; `unfinished`: one that is not whole; `store`: files that only removed copies had;
   * `temporary`: a file that a killed process was writing.
   */
  readonly what: 'snapshot' | 'unfinished' | 'store' | 'scratch' | 'temporary';
  /** Relative to the project root if it lies there. */
  readonly path: string;
  readonly files: number;
  /** A file that several copies share counts with each of them. */
  readonly bytes: number;
  /** The open run that needs it; null if it may be removed. */
  readonly needed_by: string | null;
  readonly removed: boolean;
}

export interface Cleaned {
  readonly leftovers: readonly Leftover[];
  /** What the disk has back, or would have. */
  readonly freedBytes: number;
}

const COMMAND = 'autolab clean';
const SCRATCH = '.autolab/tmp';

/**
 * Holds the lease while it removes: nobody launches or makes a snapshot meanwhile. What an open run needs is known from its
 * journal, or from its claim, whether or not it has a driver.
 */
export function cleanProject(root: string, dryRun: boolean): Cleaned | Failure {
  const escape = guardPlace(root, SNAPSHOTS) ?? guardPlace(root, `${SNAPSHOTS}/store`) ?? guardPlace(root, SCRATCH);
  if (escape !== null) return escape;
  if (claimIsDamaged(root)) return damagedClaim();
  if (dryRun) {
    const driver = leaseHolder(root);
    return driver?.liveness === 'alive' ? heldBy(describeHolder(driver, null)) : cleaned(root, look(root), false);
  }
  const env = { root, emit: () => undefined, control: new DriverControl(), command: COMMAND };
  const leased = acquireLease(env, null);
  if (!leased.ok) return leased.failure.code === 'lease.held' ? heldBy(leased.failure) : leased.failure;
  try {
    const found = look(root);
    removeFreeSnapshots(root, found.snapshots);
    for (const { path, neededBy } of found.scratch) {
      if (neededBy !== null) continue;
      removeTree(path);
      crashPoint('clean.scratch_removed');
    }
    for (const { path } of found.temporaries) removeIfThere(join(root, path));
    return cleaned(root, found, true);
  } finally {
    leased.value.release();
  }
}

function heldBy({ message }: Failure): Failure {
  return failureOf('lease.held', {
    message,
    hint: 'Clean when that command has ended. Ctrl-C leaves a job in the queue; autolab resume follows it again.',
  });
}

interface Found {
  readonly snapshots: Snapshots;
  readonly scratch: readonly Scratch[];
  readonly temporaries: readonly LeftTemporary[];
}

interface Scratch {
  readonly path: string;
  readonly size: TreeSize;
  readonly neededBy: string | null;
}

function look(root: string): Found {
  const open = openRunIds(root);
  return {
    snapshots: lookAtSnapshots(root, open),
    scratch: scratchOf(root, open),
    temporaries: leftTemporaries(root),
  };
}

/** Those in the project, whatever became of their runs; elsewhere those that the project's journals name. */
function scratchOf(root: string, open: ReadonlySet<string>): readonly Scratch[] {
  const here = listNames(join(root, SCRATCH)).map((name) => ({
    path: join(root, SCRATCH, name),
    neededBy: open.has(name) ? name : null,
  }));
  const known = new Set(here.map(({ path }) => path));
  const elsewhere = listRuns(root).flatMap((run) => {
    const peek = open.has(run.runId) ? null : peekRun(root, run);
    if (peek?.kind !== 'run') return [];
    const { view } = peek;
    const { scratch: path } = view.opened;
    const ours = executorOf(view.opened).madeScratch(root, view.opened) && originalOf(root, view) === null;
    return ours && !known.has(path) ? [{ path, neededBy: null }] : [];
  });
  return [...here, ...elsewhere]
    .filter(({ path }) => lstatOrNull(path)?.isDirectory() === true)
    .map((each) => ({ ...each, size: sizesBelow(each.path) }));
}

function cleaned(root: string, { snapshots, scratch, temporaries }: Found, removed: boolean): Cleaned {
  const { trees, free, unsharedBytes } = snapshots;
  const leftover = (
    what: Leftover['what'],
    path: string,
    { files, bytes }: Pick<Leftover, 'files' | 'bytes'>,
    neededBy: string | null = null,
  ): Leftover => ({ what, path, files, bytes, needed_by: neededBy, removed: removed && neededBy === null });
  const store = { files: free.names.length, bytes: free.bytes };
  const freeScratch = scratch.filter(({ neededBy }) => neededBy === null);
  return {
    leftovers: [
      ...trees.map(({ what, name, size, neededBy }) => leftover(what, `${SNAPSHOTS}/${name}`, size, neededBy)),
      ...(store.files === 0 ? [] : [leftover('store', `${SNAPSHOTS}/store`, store)]),
      ...scratch.map(({ path, size, neededBy }) =>
        leftover('scratch', path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path, size, neededBy),
      ),
      ...temporaries.map(({ path, bytes }) => leftover('temporary', path, { files: 1, bytes })),
    ],
    freedBytes:
      free.bytes +
      unsharedBytes +
      sumOf(freeScratch.map(({ size }) => size.bytes)) +
      sumOf(temporaries.map(({ bytes }) => bytes)),
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0);
}
