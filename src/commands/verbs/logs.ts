import { join } from 'node:path';
import { type Failure, failureOf, ok, type Result } from '../../errors/failure.ts';
import { executorOf } from '../../executors/table.ts';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { TASK_LOGS, taskFolder } from '../../records/tasks/task-files.ts';
import { leaseHolder } from '../../run/lease.ts';
import { peekRun } from '../../run/session.ts';
import { taskIsOver } from '../../run/tasks/look.ts';
import { logHere, type OpenLog } from '../../sites/log-source.ts';
import { mayLackTheirEnd, newsOf, openerOf } from '../../sites/news.ts';
import { abortSignal, callback, flag, maybeCount, maybeText, maybeTime, oneOf } from '../check-options.ts';
import { findRun, type RunName } from '../find-run.ts';
import { follow } from '../logs/follow.ts';
import { type LineMatcher, lineMatcher, PatternTooSlow } from '../logs/line-matcher.ts';
import { Log, type LogStream } from '../logs/log.ts';
import { cutWords, type Give, type LogEvent, type LogFile, LogReading } from '../logs/log-reading.ts';
import { strangeLog } from '../logs/own-log.ts';
import { type Since, startSince } from '../logs/since.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
import { orderWith, withoutTasks } from '../tasks/which-task.ts';
import type { ProjectRoot, Verb } from '../verb.ts';

export type { LogStream } from '../logs/log.ts';
export type { LogChunk, LogEvent, LogFile } from '../logs/log-reading.ts';

export interface LogsOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
  /** One log. Default: null, `out` and `err`. */
  readonly stream?: LogStream | null;
  /** The logs of this task, by its index. Default: null, those of the run. */
  readonly task?: number | null;
  /** Only the last lines of each log, this many; with `grep` the last that match. Default: null, all of them. */
  readonly lines?: number | null;
  /** Only lines in which this JavaScript regular expression is found. Default: null, all of them. */
  readonly grep?: string | null;
  /** Only what was written since this time, RFC 3339. Fails if that is not known. Default: null, everything. */
  readonly since?: string | null;
  /** Continue until the run has ended. Default: false. */
  readonly follow?: boolean;
  /** Return the text of the logs in the result, too: at most the last 4 MiB of each. Default: true. */
  readonly collect?: boolean;
  /** Gets each piece of a log as it is read. If it returns a promise, the next piece waits for it. */
  readonly onEvent?: (event: LogEvent) => unknown;
  /** Ends the call; the result has what there was so far. */
  readonly signal?: AbortSignal;
}

export interface LogsResult extends VerbResult {
  /** The text of each log by its path in the run's folder; null without `collect`. `log_files` says what it lacks. */
  readonly logs?: Readonly<Record<string, string>> | null;
  readonly log_files?: readonly LogFile[];
}

interface Source {
  readonly root: string;
  readonly run: RunName;
  readonly paths: RunPaths;
  readonly view: RunView | null;
  readonly task: number | null;
}

export const logs: Verb<LogsOptions, ProjectRoot, LogEvent> = {
  name: 'logs',
  options: {
    run: maybeText,
    stream: oneOf('out', 'err', 'driver', null),
    task: maybeCount,
    lines: maybeCount,
    grep: maybeText,
    since: maybeTime,
    follow: flag,
    collect: flag,
    onEvent: callback,
    signal: abortSignal,
  },
  perform: async ({ root }, options, emit) => {
    const run = findRun(root, options.run ?? null);
    if (!run.ok) return resultOfFailure('logs', run.failure);
    const matcher = matcherOf(options.grep ?? null);
    if (!matcher.ok) return resultOfFailure('logs', matcher.failure);
    try {
      const source = sourceOf(root, run.value, options.task ?? null);
      const wrong = wrongTask(source, options);
      if (wrong !== null) return resultOfFailure('logs', wrong, { run_id: run.value.runId });
      const strange = firstStrange(source, streamsOf(options));
      if (strange !== null) return resultOfFailure('logs', strange, { run_id: run.value.runId });
      return await printLogs(source, options, matcher.value, emit);
    } catch (error) {
      if (!(error instanceof PatternTooSlow)) throw error;
      return resultOfFailure('logs', tooSlow(options.grep ?? '', error));
    }
  },
};

function matcherOf(pattern: string | null): Result<LineMatcher | null> {
  if (pattern === null) return ok(null);
  const matcher = lineMatcher(pattern);
  if (matcher !== null) return ok(matcher);
  const message = `${JSON.stringify(pattern)} is not a regular expression.`;
  return {
    ok: false,
    failure: failureOf('usage', { message, hint: 'Put a backslash before ( [ { * + ? . | to find that character.' }),
  };
}

function tooSlow(pattern: string, { because }: PatternTooSlow): Failure {
  const shown = JSON.stringify(pattern);
  return failureOf(
    'usage',
    because === 'pattern'
      ? {
          message: `Matching ${shown} takes too long: it can match a line in too many ways.`,
          hint: 'Write it without a repetition within a repetition, such as (a+)+',
        }
      : {
          message: `Matching ${shown} takes too long: a line of the log is too long for it.`,
          hint: 'Look at the end of the log: autolab logs --json. Or search it with a simpler expression.',
        },
  );
}

/** Why there are no such logs, or null. */
function wrongTask({ view, task, run }: Source, { stream }: LogsOptions): Failure | null {
  if (task === null) return null;
  if (stream === 'driver')
    return failureOf('usage', {
      message: "autolab's own log is of the whole run, not of a task.",
      hint: 'See it: autolab logs --stream driver',
    });
  const order = view === null ? withoutTasks(run.runId) : orderWith(view, [task]);
  return 'code' in order ? order : null;
}

function sourceOf(root: string, run: RunName, task: number | null): Source {
  const peek = peekRun(root, run);
  const paths = runPaths(root, run.iterationId, run.runId);
  return { root, run, paths, view: peek.kind === 'run' ? peek.view : null, task };
}

async function printLogs(
  source: Source,
  options: LogsOptions,
  matcher: LineMatcher | null,
  emit: Give,
): Promise<CommandResult> {
  const { stream = null, lines = null, collect = true, signal = new AbortController().signal } = options;
  const since = options.since ?? null;
  const fetch = await fetcherOf(source, emit);
  if (mayBeShort(source, stream)) await emit({ type: 'note', message: MAY_BE_SHORT });
  const readings = streamsOf(options).map(
    (name) => new LogReading(logOf(source, name), { matcher, lines, collect, give: emit, signal }),
  );
  try {
    for (const reading of readings) {
      const failure = await begin(reading, since, source, emit);
      if (failure !== null) return resultOfFailure('logs', failure);
    }
    for (const reading of readings) await reading.readOn();
    if (options.follow === true) await follow(readings, { ...source, fetch, signal, isOver: endOf(source) });
    for (const reading of readings) await reading.end();
  } finally {
    for (const { log } of readings) log.close();
  }
  return resultOf(source, readings, options);
}

function streamsOf({ stream = null }: LogsOptions): readonly LogStream[] {
  return stream === null ? ['out', 'err'] : [stream];
}

function firstStrange(source: Source, streams: readonly LogStream[]): Failure | null {
  const found = streams.map((name) => strangeLog(source.root, source.paths, pathOf(source, name)));
  return found.find((failure) => failure !== null) ?? null;
}

/** Returns why it cannot, or null. */
async function begin(reading: LogReading, since: string | null, source: Source, emit: Give): Promise<Failure | null> {
  const { log } = reading;
  const from = since === null ? null : await sinceOf(log, since, source);
  if (from?.kind === 'unknown') return sinceUnknown(log.name, from);
  if (from !== null && from.known !== null)
    await emit({ type: 'note', message: `${log.name}: what was written after ${from.known}, as far as is known.` });
  await reading.begin(from?.offset ?? 0, await log.size());
  return null;
}

async function sinceOf(log: Log, since: string, source: Source): Promise<Since> {
  const driver = logOf(source, 'driver');
  try {
    return await startSince(log, driver, Date.parse(since), source.view);
  } finally {
    driver.close();
  }
}

function sinceUnknown(name: string, { begun, written }: Extract<Since, { kind: 'unknown' }>): Failure {
  return failureOf('usage', {
    message: `Which lines of ${name} were written since then is unknown: they have no times, and autolab did not look at the log's size then. The run began at ${begun}; the log was last written ${written}.`,
    hint: "Print the last lines: autolab logs -n 100. autolab's own log has times: autolab logs --stream driver",
  });
}

const MAY_BE_SHORT = 'Not everything of this run was brought back from its host: a log may lack its end.';

function mayBeShort({ view }: Source, stream: LogStream | null): boolean {
  return stream !== 'driver' && view !== null && mayLackTheirEnd(view);
}

function resultOf(source: Source, readings: readonly LogReading[], options: LogsOptions): CommandResult {
  const { run, paths } = source;
  const { collect = true, grep = null, stream = null } = options;
  const found = readings.map((reading) => reading.facts());
  const files = found.map(({ file }) => file);
  const matches = files.reduce((sum, file) => sum + (file.matches ?? 0), 0);
  const words = [
    `The logs of ${source.task === null ? '' : `task ${source.task} of `}${run.runId}.`,
    grep !== null && matches === 0 ? `No line matches ${JSON.stringify(grep)}.` : null,
    collect ? cutWords(files) : null,
    mayBeShort(source, stream) ? MAY_BE_SHORT : null,
  ];
  return succeed(
    'logs',
    { message: words.filter((word) => word !== null).join(' '), hint: '' },
    {
      run_id: run.runId,
      iteration_id: run.iterationId,
      run_dir: paths.relative,
      details: {
        logs: collect ? Object.fromEntries(found.map(({ file, text }) => [file.path, text])) : null,
        log_files: files,
      } satisfies Partial<LogsResult>,
    },
  );
}

/** Fetches the news of a run on another host, unless a driver does. Returns null if there is nothing to fetch. */
async function fetcherOf({ root, run, view }: Source, emit: Give): Promise<(() => Promise<void>) | null> {
  const news = view !== null && view.closed === null ? newsOf(view.opened) : null;
  if (news === null) return null;
  const fetch = async (): Promise<void> => {
    const holder = leaseHolder(root);
    if (holder !== null && holder.liveness === 'alive') return;
    const now = peekRun(root, run);
    if (now.kind !== 'run') return;
    const lost = await news(root, now.view);
    if (lost !== null) await emit({ type: 'note', message: lost.words });
  };
  await fetch();
  return fetch;
}

/** Of a task: its receipt says it. */
function endOf({ paths, view, task }: Source): (() => boolean) | null {
  const order = view?.opened.tasks;
  return task === null || order === undefined ? null : () => taskIsOver(paths, order, task);
}

function logOf(source: Source, stream: LogStream): Log {
  const { root, paths, view } = source;
  const openAt = stream === 'driver' || view === null ? logHere : openerOf(root, view);
  // The run may put a link there while it is followed.
  const openOwn: OpenLog = (path) => logHere(path, () => strangeLog(root, paths, path) === null);
  return new Log(stream, paths.folder, () => pathOf(source, stream), openAt === logHere ? openOwn : openAt);
}

function pathOf({ root, run, paths, task }: Source, stream: LogStream): string {
  if (stream === 'driver') return paths.driverLog;
  if (task !== null)
    return join(paths.folder, taskFolder(task), stream === 'out' ? TASK_LOGS.stdout : TASK_LOGS.stderr);
  const peek = peekRun(root, run);
  const both =
    peek.kind === 'run'
      ? executorOf(peek.view.opened).logs(peek.view, paths)
      : { stdout: paths.stdoutLog, stderr: paths.stderrLog };
  return stream === 'out' ? both.stdout : both.stderr;
}
