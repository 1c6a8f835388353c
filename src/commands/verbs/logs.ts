import { executorOf, EXECUTORS } from '../../executors/table.ts';
import { exists, readFrom } from '../../platform/files.ts';
import { monotonicMs } from '../../platform/time.ts';
import { waitForChange } from '../../platform/watch.ts';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import { findActive } from '../../run/claim.ts';
import { leaseHolder } from '../../run/lease.ts';
import { peekRun } from '../../run/session.ts';
import { newsOf } from '../../sites/news.ts';
import { abortSignal, callback, flag, maybeCount, maybeText, oneOf } from '../check-options.ts';
import { findRun, type RunName } from '../find-run.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { ProjectRoot, Verb } from '../verb.ts';

/** `out` and `err` are what the run printed, `driver` is autolab's own log of it. */
export type LogStream = 'out' | 'err' | 'driver';

/** What `logs` emits: a piece of a log, or something worth knowing. */
export type LogEvent = LogChunk | { readonly type: 'note'; readonly message: string };

export interface LogChunk {
  readonly type: 'log';
  readonly stream: LogStream;
  /** The log's path, relative to the run's folder. */
  readonly file: string;
  /** As the run wrote them; a character may be split between two chunks. */
  readonly bytes: Uint8Array;
}

export interface LogsOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
  /** One log. Default: null, `out` and `err`. */
  readonly stream?: LogStream | null;
  /** Only the last lines of each log, this many. Default: null, all of them. */
  readonly lines?: number | null;
  /** Continue until the run has ended. Default: false. */
  readonly follow?: boolean;
  /** Return the text of the logs in the result, too. Default: true. */
  readonly collect?: boolean;
  /** Gets each piece of a log as it is read. */
  readonly onEvent?: (event: LogEvent) => void;
  /** Ends `follow`; the result has what there was so far. */
  readonly signal?: AbortSignal;
}

export interface LogsResult extends VerbResult {
  /** The text of each log by its path in the run's folder; null without `collect`. */
  readonly logs?: Readonly<Record<string, string>> | null;
}

interface Source {
  readonly root: string;
  readonly run: RunName;
  readonly paths: RunPaths;
}

interface Followed {
  readonly stream: LogStream;
  path: string;
  /** Relative to the run folder. */
  name: string;
  offset: number;
}

type Show = (event: LogEvent) => void;

export const logs: Verb<LogsOptions, ProjectRoot, LogEvent> = {
  name: 'logs',
  options: {
    run: maybeText,
    stream: oneOf('out', 'err', 'driver', null),
    lines: maybeCount,
    follow: flag,
    collect: flag,
    onEvent: callback,
    signal: abortSignal,
  },
  perform: async ({ root }, options, emit) => {
    const { stream = null, lines = null, collect = true } = options;
    const run = findRun(root, options.run ?? null);
    if (!run.ok) return resultOfFailure('logs', run.failure);
    const paths = runPaths(root, run.value.iterationId, run.value.runId);
    const source: Source = { root, run: run.value, paths };
    const fetch = await fetcherOf(source, emit);
    const files = (stream === null ? (['out', 'err'] as const) : [stream]).map((name) => fileOf(source, name));
    const collected = collect ? new Map<string, Buffer[]>() : null;
    const take = (file: Followed): void => {
      const bytes = takeNew(file);
      collected?.set(file.name, [...(collected.get(file.name) ?? []), bytes]);
      if (bytes.length > 0) emit({ type: 'log', stream: file.stream, file: file.name, bytes });
    };
    for (const file of files) {
      file.offset = tailStart(file, lines);
      take(file);
    }
    if (options.follow === true)
      await follow(source, files, { take, fetch, signal: options.signal ?? new AbortController().signal });
    return succeed(
      'logs',
      { message: `The logs of ${run.value.runId}.`, hint: '' },
      {
        run_id: run.value.runId,
        iteration_id: run.value.iterationId,
        run_dir: paths.relative,
        details: { logs: collected === null ? null : textsOf(collected) } satisfies Partial<LogsResult>,
      },
    );
  },
};

function textsOf(collected: ReadonlyMap<string, readonly Buffer[]>): Readonly<Record<string, string>> {
  return Object.fromEntries([...collected].map(([name, chunks]) => [name, Buffer.concat(chunks).toString('utf8')]));
}

/** Fetches the news of a run on another host, unless a driver does. Returns null if there is nothing to fetch. */
type Fetch = (() => Promise<void>) | null;

async function fetcherOf({ root, run }: Source, show: Show): Promise<Fetch> {
  const peek = peekRun(root, run);
  const news = peek.kind === 'run' && peek.view.closed === null ? newsOf(peek.view.opened) : null;
  if (news === null) return null;
  const fetch = async (): Promise<void> => {
    const holder = leaseHolder(root);
    if (holder !== null && holder.liveness === 'alive') return;
    const now = peekRun(root, run);
    if (now.kind !== 'run') return;
    const lost = await news(root, now.view);
    if (lost !== null) show({ type: 'note', message: lost.words });
  };
  await fetch();
  return fetch;
}

function fileOf(source: Source, stream: LogStream): Followed {
  const path = pathOf(source, stream);
  return { stream, path, name: path.slice(source.paths.folder.length + 1), offset: 0 };
}

function pathOf({ root, run, paths }: Source, stream: LogStream): string {
  if (stream === 'driver') return paths.driverLog;
  const peek = peekRun(root, run);
  const both =
    peek.kind === 'run'
      ? executorOf(peek.view.opened).logs(peek.view, paths)
      : { stdout: paths.stdoutLog, stderr: paths.stderrLog };
  return stream === 'out' ? both.stdout : both.stderr;
}

/** The name of a job's log has the job's id, which it gets while we wait for it. */
function findAgain(source: Source, file: Followed): void {
  if (file.offset > 0 || exists(file.path)) return;
  file.path = pathOf(source, file.stream);
  file.name = file.path.slice(source.paths.folder.length + 1);
}

function takeNew(file: Followed): Buffer {
  const chunk = readFrom(file.path, file.offset);
  file.offset += chunk.length;
  return chunk;
}

/** The offset at which the last `lines` lines begin; 0 for all. */
function tailStart(file: Followed, lines: number | null): number {
  if (lines === null) return 0;
  const all = readFrom(file.path, 0);
  if (lines === 0) return all.length;
  let start = all.length;
  // The LF that ends the last line does not begin another one.
  for (let found = 0, at = all.length - 2; at >= -1; at -= 1) {
    if (at === -1) return 0;
    if (all[at] !== 10) continue;
    found += 1;
    start = at + 1;
    if (found === lines) break;
  }
  return start;
}

/** On a network file system, the last lines may arrive after the receipt of the end. */
const LATE_MS = 2_000;

function hasEnded(paths: RunPaths): boolean {
  return [...EXECUTORS.values()].some((executor) => executor.hasEndReceipt(paths));
}

interface Following {
  readonly take: (file: Followed) => void;
  readonly fetch: Fetch;
  readonly signal: AbortSignal;
}

async function follow(source: Source, files: readonly Followed[], { take, fetch, signal }: Following): Promise<void> {
  const { root, run, paths } = source;
  const isActive = (): boolean => {
    const active = findActive(root);
    return active.kind === 'one' && active.run.runId === run.runId;
  };
  let ended: number | null = null;
  while (!signal.aborted) {
    const active = isActive();
    if (hasEnded(paths)) ended ??= monotonicMs();
    for (const file of files) {
      findAgain(source, file);
      take(file);
    }
    const local = exists(paths.stdoutLog);
    if (!active || (ended !== null && (local || monotonicMs() - ended > LATE_MS))) break;
    await waitForChange(paths.logs, fetch === null ? 250 : 2_000, signal);
    await fetch?.();
  }
}
