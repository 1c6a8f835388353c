import { join } from 'node:path';
import type { FoundCode } from '../../code/find.ts';
import { gitEnvironment } from '../../code/git.ts';
import { recordCode, type RecordedCode } from '../../code/record.ts';
import { OLDER_CODE_SCOPE } from '../../code/scope.ts';
import { looksSecret } from '../../code/secret-names.ts';
import { unlistedArguments } from '../../code/unlisted-arguments.ts';
import { executorOf } from '../../executors/table.ts';
import { LIST_CODE_FILE, listCodeScript } from '../../launch-scripts/code-listing.ts';
import { writeFileAtomic } from '../../platform/files.ts';
import { runRaw } from '../../platform/process.ts';
import { DigestCache } from '../../records/digest-cache.ts';
import type { DigestOptions } from '../../records/digest-files.ts';
import type { CommitRecord } from '../../records/manifest-schema.ts';
import { DIGEST_CACHE } from '../../records/paths.ts';
import type { OpenedData, SnapshotOrder } from '../../records/run-data.ts';
import { placeInSnapshot } from '../../records/snapshot-place.ts';
import { cancelRequest, noteCancel, wasStopped } from '../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { never, noIntent, repeatable, type StepEnd } from '../../run/step.ts';
import { CODE_LISTING_FILE } from '../../schedulers/receipt-files.ts';
import { stillChanging, takeCodeSnapshot, type Taken } from './take-snapshot.ts';

/** Commit metadata, `code.sha256` and the patches: what was approved. */
export const recordCodeStep = repeatable({
  name: 'record-code',
  skip: never,
  intent: noIntent,
  run: async (ctx): Promise<StepEnd> => {
    for (let listings = 1; ; listings += 1) {
      const end = await unlessStopped(ctx, () => recordOnce(ctx));
      if (end === null) return stopped(ctx);
      if (end.kind !== 'changed') return end;
      if (listings === MOST_LISTINGS) return stillChanging(end.files);
    }
  },
});

/** Returns null if the user wants to leave, or to stop the run: that ends git and the reading. */
async function unlessStopped<T>(ctx: RunContext, work: () => Promise<T>): Promise<T | null> {
  if (wasStopped(ctx)) return null;
  try {
    const end = await work();
    return wasStopped(ctx) ? null : end;
  } catch (error) {
    if (wasStopped(ctx)) return null;
    throw error;
  }
}

/** Nothing was started yet, so a run that is cancelled now is over. */
function stopped(ctx: RunContext): StepEnd {
  const by = cancelRequest(ctx);
  if (by === null)
    return {
      kind: 'paused',
      code: 'interrupted',
      message: 'Interrupted while the code was read; nothing was started. The next call reads it again.',
    };
  noteCancel(ctx, 'record-code', by);
  return {
    kind: 'failed',
    code: 'run.cancelled',
    retryable: false,
    message: 'The run was cancelled before it was started.',
  };
}

/** If files change between listing and copying, they are listed again. */
const MOST_LISTINGS = 3;

/** A job compares the digests with the files; nothing would compare those of a snapshot with the work tree. */
function cacheFor({ root }: RunContext, snapshot: SnapshotOrder | undefined): Pick<DigestOptions, 'cache'> {
  if (snapshot !== undefined) return {};
  return { cache: new DigestCache(join(root, DIGEST_CACHE), { isSecret: looksSecret }) };
}

async function recordOnce(ctx: RunContext): Promise<StepEnd | Extract<Taken, { kind: 'changed' }>> {
  const { opened } = viewOf(ctx);
  const options = cacheFor(ctx, opened.snapshot);
  const recorded = await recordCode(ctx.root, opened.code ?? OLDER_CODE_SCOPE, ctx.paths.folder, options);
  if (recorded.kind === 'recorded' && !wasStopped(ctx)) options.cache?.save();
  if (recorded.kind === 'failed') {
    const { folder, words, hint } = recorded;
    const message = `git does not answer in ${folder}: ${words}.`;
    return { kind: 'failed', code: 'git.failed', retryable: true, message, hint };
  }
  if (recorded.kind === 'unfit')
    return { kind: 'failed', code: 'code.scope', retryable: true, message: recorded.message, hint: recorded.hint };
  const { snapshot } = opened;
  const written = recorded.written.map((name) => `${ctx.paths.relative}/${name}`);
  const taken =
    snapshot === undefined
      ? { kind: 'taken' as const, commit: recorded.commit, writes: [] }
      : await takeCodeSnapshot(ctx, snapshot, recorded);
  if (taken.kind !== 'taken') return taken;
  // An edit between the gate and now; the script would find those of later.
  if (!isApproved(expectedCode(opened), recorded.commit))
    return {
      kind: 'failed',
      code: executorOf(opened).changedCode,
      retryable: false,
      message: 'The code changed between the check of its approval and the start of the run; nothing was started.',
    };
  const noted = withNotes({ ...recorded, commit: taken.commit }, ctx.root, argvInWorkTree(opened));
  const commit = inFormat(opened.format, noted);
  sayNotes(ctx, commit);
  // Nobody adds a file to a snapshot: its folders are closed, and its names are compared when a run takes it.
  const compared = snapshot === undefined && executorOf(opened).checksListing;
  if (recorded.found !== null && compared) await writeListing(ctx, recorded.found);
  return { kind: 'done', message: describe(commit), writes: [...written, ...taken.writes], result: commit };
}

/** The words of the command, as if the run had no snapshot. */
function argvInWorkTree({ entrypoint: { argv }, run_id, snapshot }: OpenedData): readonly string[] {
  if (snapshot === undefined) return argv;
  const within = `/${placeInSnapshot(run_id, snapshot.prefix)}`;
  return argv.map((word) => word.replaceAll(within, ''));
}

function sayNotes(ctx: RunContext, { source, notes }: CommitRecord): void {
  if (source === 'git') for (const message of notes) ctx.emit({ type: 'note', message });
}

function withNotes({ commit, found }: RecordedCode, root: string, argv: readonly string[]): CommitRecord {
  const unlisted = found === null ? [] : unlistedArguments(root, argv, found);
  if (unlisted.length === 0) return commit;
  const note = `not code, although an argument of the entrypoint names it: ${unlisted.join(', ')}`;
  return { ...commit, notes: [...commit.notes, note] };
}

/** What was compared before the launch; null if nothing was. */
function expectedCode({ tasks, approved }: OpenedData): string | null {
  return tasks?.reuse?.code_sha256 ?? approved?.code ?? null;
}

function isApproved(approved: string | null, { code_digest: digest }: CommitRecord): boolean {
  return approved === null || digest === undefined || digest === approved;
}

/** Format 1 knows one digest and one repository. */
function inFormat(format: number, commit: CommitRecord): CommitRecord {
  if (format > 1) return commit;
  const rest: CommitRecord = { ...commit };
  delete rest.code_digest;
  delete rest.scope;
  delete rest.prefix;
  delete rest.repositories;
  return rest;
}

function describe(commit: CommitRecord): string {
  if (commit.source === 'none') return `no git work tree: ${commit.reason ?? ''}`;
  const at = commit.sha === null ? 'no commit yet' : commit.sha.slice(0, 12);
  const inner = (commit.repositories?.length ?? 1) - 1;
  const more = inner === 0 ? '' : `, ${inner} repositories within`;
  const copied = commit.snapshot === undefined ? '' : `, in the snapshot ${commit.snapshot.digest.slice(0, 12)}`;
  return `${at}${commit.dirty === true ? ', with uncommitted changes' : ''}, ${commit.files ?? 0} files${more}${copied}`;
}

/** For the job's check for files added while it was queued: the script that lists them, and what it says now. */
async function writeListing(ctx: RunContext, { prefix, notCode, repositories }: FoundCode): Promise<void> {
  const { root, paths } = ctx;
  const script = join(paths.receipt, LIST_CODE_FILE);
  writeFileAtomic(script, listCodeScript({ prefix, notCode, places: repositories.map(({ place }) => place) }));
  const names = await runRaw(['bash', '--', script, root], {
    timeoutMs: 3_600_000,
    maxBytes: 256 * 1024 * 1024,
    env: gitEnvironment(),
    signal: ctx.control.signal,
  });
  // If it does not answer, the job skips the check.
  if (names.exitCode === 0 && !names.truncated) writeFileAtomic(join(paths.receipt, CODE_LISTING_FILE), names.stdout);
}
