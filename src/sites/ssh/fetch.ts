import { join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import { exists, freeBytes, freeInodes, lstatOrNull } from '../../platform/files.ts';
import { firstFew } from '../../platform/listing.ts';
import { monotonicMs } from '../../platform/time.ts';
import { digestFiles, type FileDigest } from '../../records/digest-files.ts';
import type { TransferRecord } from '../../records/run-data.ts';
import { listedAfterEnd } from '../../run/after-end.ts';
import { type Collected, listArtifacts } from '../../run/artifacts.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { observeRun } from '../../run/observe.ts';
import { takenOverTasks } from '../../run/tasks/reuse.ts';
import { type FarEntry, type FarListing, listArgv, parseList } from '../../transports/far-list.ts';
import type { Transferred } from '../../transports/transfer.ts';
import type { FarSite } from '../site.ts';
import { clearStaging } from './bring-tasks.ts';
import { isOfTheJob, type OwnFiles, ownFiles, wasSent } from './brought.ts';
import { diagnose } from './diagnose.ts';
import { lacksRoom } from './room.ts';
import { lostOf, move, type Trouble, troubleOf, withRetries } from './travel.ts';

/**
 * Fetches the outputs: lists them on the remote host, moves them while they are digested there, lists again, compares.
 * A transfer is `ok` only if every digest is the same on both sides (X7). Nothing is deleted on either side.
 */
export type Fetched =
  | {
      readonly kind: 'fetched';
      readonly collected: Collected;
      readonly transfer: TransferRecord;
      readonly notes: readonly string[];
    }
  /** All is here but for files that can stand in no record. */
  | { readonly kind: 'unrecordable'; readonly problems: readonly string[] }
  | {
      readonly kind: 'failed';
      readonly code: 'sync.failed' | 'sync.unstable';
      readonly words: string;
      readonly transfer: TransferRecord;
    };

const LIST_MS = 6 * 3_600_000;
const LIST_BYTES = 512 * 1024 * 1024;
/** How often files that change while they are moved are moved again. */
const ROUNDS = 3;

/** What is fetched, and for which step. */
interface Fetching {
  readonly ctx: RunContext;
  readonly far: FarSite;
  readonly step: string;
  /** Whatever can be had of a run that ended badly: nothing that is missing makes it fail. */
  readonly partial: boolean;
  readonly own: OwnFiles;
  readonly beganMs: number;
}

export async function fetchOutputs(ctx: RunContext, far: FarSite, step: string, partial: boolean): Promise<Fetched> {
  // From now on everything is fetched to its own place.
  clearStaging(ctx.paths);
  const fetching: Fetching = { ctx, far, step, partial, own: ownFilesOf(ctx), beganMs: monotonicMs() };
  for (let round = 1; ; round += 1) {
    const result = await fetchOnce(fetching);
    if (result.kind !== 'changed') return result;
    if (round >= ROUNDS)
      return failed(ctx, far, 'sync.unstable', `${result.path} is still changing on the remote host`);
  }
}

function ownFilesOf(ctx: RunContext): OwnFiles {
  const { tasks } = viewOf(ctx).opened;
  return ownFiles({
    hasTasks: tasks !== undefined,
    hasInputs: exists(ctx.paths.inputSums),
    takenOver: tasks === undefined ? new Map() : takenOverTasks(ctx.paths, tasks),
  });
}

async function fetchOnce(fetching: Fetching): Promise<Fetched | { readonly kind: 'changed'; readonly path: string }> {
  const { ctx, far, partial, own } = fetching;
  const listing = await list(ctx, far, 'if_small');
  if ('words' in listing) return failed(ctx, far, 'sync.failed', listing.words);
  const files = listing.entries.filter(({ path, readable }) => isOfTheJob(path, own) && readable);
  const room = noRoomFor(ctx, files);
  if (room !== null) return failed(ctx, far, 'sync.failed', room);
  const { digested, moved } = listing.isDigested
    ? { digested: listing, moved: await moveHere(fetching, files) }
    : await digestAndMove(fetching, files);
  if (moved.failure !== null && !partial) return failed(ctx, far, 'sync.failed', moved.failure.words);
  if ('words' in digested) return failed(ctx, far, 'sync.failed', digested.words);
  const again = await list(ctx, far, 'no');
  if ('words' in again) return failed(ctx, far, 'sync.failed', again.words);
  const changed = changedSince(listing, again, own);
  if (changed !== null && !partial) return { kind: 'changed', path: changed };
  return compare(fetching, { listing, digested, moved, changed });
}

interface Brought {
  readonly listing: FarListing;
  readonly digested: FarListing;
  readonly moved: Transferred;
  /** A file that changed meanwhile. */
  readonly changed: string | null;
}

/** Compares what came with what is there. */
async function compare(fetching: Fetching, { listing, digested, moved, changed }: Brought): Promise<Fetched> {
  const { ctx, far, partial, own, beganMs } = fetching;
  const ofTheJob = digested.entries.filter(({ path }) => isOfTheJob(path, own));
  const entries = ofTheJob.filter(({ sha256 }) => sha256 !== null);
  const unread = ofTheJob.filter(({ sha256 }) => sha256 === null);
  const problems = [
    ...digested.problems,
    ...unread.map(({ path }) => `${path}: it could not be read on the remote host`),
  ];
  if (!partial) await observeRun(ctx, 'sync_artifacts_to_local');
  const list = (): Promise<Collected> => listArtifacts(ctx.paths, viewOf(ctx).opened, partial);
  const collected = partial ? await list() : await listedAfterEnd(ctx, true, list);
  const differs = await firstDifference(ctx, entries, collected.digests);
  if (differs !== null && !partial)
    return failed(ctx, far, 'sync.failed', `${differs} here differs from the file on the remote host`);
  // The rest is here nevertheless: the user may not need more.
  if (problems.length > 0 && !partial) return { kind: 'unrecordable', problems };
  const { method } = moved;
  const seconds = Math.round(monotonicMs() - beganMs) / 1000;
  const bytes = entries.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.bytes : 0), 0);
  const verified = moved.failure === null && differs === null && changed === null && problems.length === 0;
  return {
    kind: 'fetched',
    collected,
    transfer: { method, files: entries.length, bytes, seconds, verified, diagnosis: problems },
    notes: notesOn(listing, own),
  };
}

async function moveHere({ ctx, far, step }: Fetching, files: readonly FarEntry[]): Promise<Transferred> {
  const here = ctx.paths.folder;
  const moved = await move(ctx, far, step, { direction: 'pull', here, there: far.paths.folder, files });
  crashPoint('fetch.moved');
  return moved;
}

/** In parallel: each takes long, and neither needs the other. If the files do not come, the digests are ended. */
async function digestAndMove(
  fetching: Fetching,
  files: readonly FarEntry[],
): Promise<{ readonly digested: FarListing | Trouble; readonly moved: Transferred }> {
  const { ctx, far, partial } = fetching;
  const stop = new AbortController();
  const moving = moveHere(fetching, files).then((moved) => {
    if (moved.failure !== null && !partial) stop.abort();
    return moved;
  });
  // Neither keeps running if the other throws.
  const [digested, moved] = await Promise.allSettled([list(ctx, far, 'yes', stop.signal), moving]);
  if (moved.status === 'rejected') throw moved.reason;
  if (digested.status === 'rejected') throw digested.reason;
  return { digested: digested.value, moved: moved.value };
}

/** `unless`: ends the digesting. */
async function list(
  ctx: RunContext,
  far: FarSite,
  digests: Parameters<typeof listArgv>[1],
  unless?: AbortSignal,
): Promise<FarListing | Trouble> {
  const signal = AbortSignal.any([ctx.control.signal, ...(unless === undefined ? [] : [unless])]);
  const result = await withRetries(
    ctx,
    () =>
      far.ssh.runRaw(listArgv(far.paths.folder, digests), {
        timeoutMs: LIST_MS,
        maxBytes: LIST_BYTES,
        signal,
      }),
    (answer) => (unless?.aborted === true ? null : lostOf(answer)),
  );
  const listing = result.lost === null && !result.truncated ? parseList(result.stdout, result.stderr) : null;
  if (listing !== null) return listing;
  if (result.exitCode === 1 && result.stdout.length === 0)
    return { words: `${far.paths.folder} cannot be listed on the remote host: ${result.stderr.trim()}`, lost: null };
  return troubleOf(result);
}

function notesOn({ entries, odd }: FarListing, ours: OwnFiles): readonly string[] {
  // A file of the launcher's own name, written by the job, is not fetched.
  const own = entries.map(({ path }) => path).filter((path) => !isOfTheJob(path, ours) && !wasSent(path, ours));
  return [
    ...leftThere("the names are the launcher's own", own),
    ...leftThere(
      'they are neither files nor links',
      odd.filter((path) => isOfTheJob(path, ours)),
    ),
  ];
}

const SHOWN = 5;

function leftThere(why: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  return [`left on the remote host, because ${why}: ${firstFew(names, SHOWN)}`];
}

function noRoomFor(ctx: RunContext, entries: readonly FarEntry[]): string | null {
  const { folder } = ctx.paths;
  const bytesHere = (path: string): number | null => lstatOrNull(join(folder, path))?.size ?? null;
  return lacksRoom(entries, bytesHere, { bytes: freeBytes(folder), inodes: freeInodes(folder) });
}

function changedSince(before: FarListing, after: FarListing, own: OwnFiles): string | null {
  const known = new Map(before.entries.map((entry) => [entry.path, entry]));
  for (const entry of after.entries.filter(({ path }) => isOfTheJob(path, own))) {
    const old = known.get(entry.path);
    if (old === undefined || old.bytes !== entry.bytes || old.modified !== entry.modified || old.kind !== entry.kind)
      return entry.path;
  }
  const there = new Set(after.entries.map(({ path }) => path));
  return before.entries.find(({ path }) => !there.has(path))?.path ?? null;
}

async function firstDifference(
  ctx: RunContext,
  entries: readonly FarEntry[],
  digested: ReadonlyMap<string, FileDigest>,
): Promise<string | null> {
  const others = entries
    .map(({ path }) => path)
    .filter((path) => !digested.has(path) && lstatOrNull(join(ctx.paths.folder, path)) !== null);
  const more = await digestFiles(ctx.paths.folder, others);
  for (const { path, kind, sha256 } of entries) {
    const here = digested.get(path) ?? more.digests.get(path);
    if (here?.kind !== kind || here.sha256 !== sha256) return path;
  }
  return null;
}

async function failed(
  ctx: RunContext,
  far: FarSite,
  code: 'sync.failed' | 'sync.unstable',
  words: string,
): Promise<Fetched> {
  const diagnosis = [...(await diagnose(ctx.root, far, words))];
  return {
    kind: 'failed',
    code,
    words,
    transfer: { method: 'rsync', files: null, bytes: null, seconds: null, verified: false, diagnosis },
  };
}
