import { join } from 'node:path';
import { changedAtMs } from '../platform/file-clock.ts';
import { readTextOrNull } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { inodeOf } from '../platform/inode.ts';
import { type Added, wordsOfAdded } from '../records/added-after-end.ts';
import { parseChecksums } from '../records/checksums.ts';
import type { FileDigest } from '../records/digest-files.ts';
import type { Manifest } from '../records/manifest-schema.ts';
import { isTaskLog, taskOutputOf } from '../records/tasks/task-outputs.ts';
import { EXIT_FILE } from '../schedulers/receipt-files.ts';
import type { Collected } from './artifacts.ts';
import { type RunContext, viewOf } from './context.ts';

/** What appeared in the run's folder, or changed there, after the run had ended: it is no output of the run. */

/** Of a file system, and of what still reaches it from the nodes of a job. */
const LATE_MS = 2_000;
/** The first format whose records have it. */
const FORMAT = 3;

/**
 * Lists the outputs, and compares with the listing that an earlier attempt made, and with the time of the receipt of the
 * end, which the same clock stamped. `far`: the files were made elsewhere, so their times here say nothing.
 */
export async function listedAfterEnd(
  ctx: RunContext,
  far: boolean,
  list: () => Promise<Collected>,
): Promise<Collected> {
  if (viewOf(ctx).opened.format < FORMAT) return list();
  const before = earlierListing(ctx);
  const collected = await list();
  const added = addedTo(ctx, collected.digests, before, far);
  if (added.length === 0) return collected;
  ctx.emit({ type: 'note', message: wordsOfAdded(added) });
  return { ...collected, record: { ...collected.record, added_after_end: added } };
}

interface Earlier {
  readonly digests: ReadonlyMap<string, string>;
  /** What earlier attempts found already. */
  readonly added: Added;
}

/** Null if none was made, or if the list is not the one that was recorded. */
function earlierListing(ctx: RunContext): Earlier | null {
  const results = ctx.journal.entries.flatMap(({ event, step, data }) =>
    event === 'step.outcome' && (step === 'collect' || step === 'sync_artifacts_to_local')
      ? [(data as { readonly result?: NonNullable<Manifest['artifacts']> }).result]
      : [],
  );
  const last = results.findLast((result) => result?.sha256 !== undefined);
  if (last === undefined) return null;
  const text = readTextOrNull(ctx.paths.artifacts) ?? '';
  const entries = sha256(text) === last.sha256 ? (parseChecksums(text, 'artifacts.sha256').value ?? []) : null;
  if (entries === null) return null;
  return {
    digests: new Map(entries.map((entry) => [entry.path, entry.sha256])),
    added: last.added_after_end ?? [],
  };
}

function addedTo(
  ctx: RunContext,
  digests: ReadonlyMap<string, FileDigest>,
  earlier: Earlier | null,
  far: boolean,
): Added {
  const known = new Map((earlier?.added ?? []).map((one) => [one.path, one]));
  const isLate = far ? () => false : lateFiles(ctx);
  const isGathered = gatheredFiles(ctx);
  return [...digests].flatMap(([path, { sha256: digest }]): Added => {
    if (isGathered(path)) return [];
    const before = earlier?.digests.get(path);
    if (earlier !== null && before === undefined) return [{ path, change: 'added', evidence: 'listing' }];
    if (earlier !== null && before !== digest) return [{ path, change: 'changed', evidence: 'listing' }];
    const one = known.get(path);
    if (one !== undefined) return [one];
    if (earlier === null && isLate(path)) return [{ path, change: 'added or changed', evidence: 'time' }];
    return [];
  });
}

/**
 * By the time at which the kernel last changed the file, which no program can set. A folder that was copied since has the
 * times of the copy.
 */
function lateFiles(ctx: RunContext): (path: string) => boolean {
  const { place } = viewOf(ctx);
  const end = changedAtMs(join(ctx.paths.receipt, EXIT_FILE));
  if (end === null || (place !== null && place.inode !== inodeOf(ctx.paths.folder))) return () => false;
  return (path) => (changedAtMs(join(ctx.paths.folder, path)) ?? 0) > end + LATE_MS;
}

/** What autolab itself collects comes after the end; so do the last lines of Slurm in a log. */
function gatheredFiles(ctx: RunContext): (path: string) => boolean {
  const { artifacts, tasks } = viewOf(ctx).opened;
  const starts = artifacts.flatMap(({ path, from }) => (from === null ? [] : [path.split(/[*?[]/)[0] ?? '']));
  const isLog = (path: string): boolean =>
    path.startsWith('logs/') || (tasks !== undefined && isTaskLog(taskOutputOf(path)?.name));
  return (path) => isLog(path) || starts.some((start) => path.startsWith(start));
}
