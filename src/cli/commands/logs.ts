import { StringDecoder } from 'node:string_decoder';
import { findRun, type RunName } from '../../commands/find-run.ts';
import { resultOfFailure } from '../../commands/result.ts';
import { failureOf } from '../../errors/failure.ts';
import { executorOf } from '../../executors/table.ts';
import { exists, readFrom } from '../../platform/files.ts';
import { monotonicMs } from '../../platform/time.ts';
import { waitForChange } from '../../platform/watch.ts';
import { type RunPaths, runPaths } from '../../records/paths.ts';
import { isRemote } from '../../records/run-view.ts';
import { findActive } from '../../run/claim.ts';
import { DriverControl } from '../../run/control.ts';
import { leaseHolder } from '../../run/lease.ts';
import { readReceipt } from '../../run/receipts.ts';
import { peekRun } from '../../run/session.ts';
import { parseExit } from '../../schedulers/local/parse-receipt.ts';
import { EXIT_FILE } from '../../schedulers/receipt-files.ts';
import { parseJobExit } from '../../schedulers/slurm/receipt.ts';
import type { CommandHandler } from '../command.ts';
import { flag, oneOf, wholeNumber } from '../options.ts';
import { projectRoot } from '../project-root.ts';
import { forTerminal } from '../render/visible.ts';

const STREAMS = ['out', 'err', 'driver'] as const;
type Stream = (typeof STREAMS)[number];

interface Source {
  readonly root: string;
  readonly run: RunName;
  readonly paths: RunPaths;
}

interface Followed {
  readonly stream: Stream;
  path: string;
  /** Relative to the run folder. */
  name: string;
  offset: number;
}

export const logs: CommandHandler = async (ctx, words, options) => {
  const stream = oneOf(options, 'stream', STREAMS);
  const lines = wholeNumber(options, 'lines');
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const run = findRun(found.root, words[0] ?? null);
  if (!run.ok) return { result: resultOfFailure('logs', run.failure) };
  const paths = runPaths(found.root, run.value.iterationId, run.value.runId);
  const source: Source = { root: found.root, run: run.value, paths };
  const over = await lookOver(source);
  const files = (stream === null ? (['out', 'err'] as const) : [stream]).map((name) => fileOf(source, name));
  const printer = ctx.json ? collector() : streamer(files.length > 1);
  for (const file of files) printer.print(file, tailStart(file, lines));
  if (flag(options, 'follow')) await follow(source, files, printer.print, over);
  const result = resultOfFailure('logs', failureOf('ok', { message: `The logs of ${run.value.runId}.`, hint: '' }), {
    run_id: run.value.runId,
    iteration_id: run.value.iterationId,
    run_dir: paths.relative,
    details: { logs: printer.collected() },
  });
  return { result, text: '' };
};

/** Fetches what is new of a run on another host; a driver that is at work does it by itself. null where there is nothing to fetch. */
type LookOver = (() => Promise<void>) | null;

async function lookOver({ root, run, paths }: Source): Promise<LookOver> {
  const peek = peekRun(root, run);
  if (peek.kind !== 'run' || peek.view.closed !== null || !isRemote(peek.view.opened)) return null;
  const { lookAtRun } = await import('../../sites/ssh/look-at-run.ts');
  const look = async (): Promise<void> => {
    const holder = leaseHolder(root);
    if (holder !== null && holder.liveness === 'alive') return;
    const now = peekRun(root, run);
    if (now.kind !== 'run') return;
    const lost = await lookAtRun(root, now.view, paths);
    if (lost !== null) process.stderr.write(`autolab: ${lost.words}\n`);
  };
  await look();
  return look;
}

function fileOf(source: Source, stream: Stream): Followed {
  const path = pathOf(source, stream);
  return { stream, path, name: path.slice(source.paths.folder.length + 1), offset: 0 };
}

function pathOf({ root, run, paths }: Source, stream: Stream): string {
  if (stream === 'driver') return paths.driverLog;
  const peek = peekRun(root, run);
  const both =
    peek.kind === 'run'
      ? executorOf(peek.view.opened).logs(peek.view, paths)
      : { stdout: paths.stdoutLog, stderr: paths.stderrLog };
  return stream === 'out' ? both.stdout : both.stderr;
}

/** A job's logs are called after its id, which it gets while we wait for them. */
function findAgain(source: Source, file: Followed): void {
  if (file.offset > 0 || exists(file.path)) return;
  file.path = pathOf(source, file.stream);
  file.name = file.path.slice(source.paths.folder.length + 1);
}

/** Prints what is new; `start` is where the first look begins. */
type Print = (file: Followed, start?: number) => void;

function streamer(withHeads: boolean): { readonly print: Print; readonly collected: () => null } {
  let last: string | null = null;
  // A chunk may end inside a character.
  const decoders = new Map<string, StringDecoder>();
  const decoderOf = (name: string): StringDecoder => {
    const decoder = decoders.get(name) ?? new StringDecoder('utf8');
    decoders.set(name, decoder);
    return decoder;
  };
  return {
    print: (file, start) => {
      const { chunk } = takeNew(file, start);
      if (chunk.length === 0) return;
      // As `tail -f` with several files does.
      if (withHeads && last !== file.name) process.stdout.write(`${last === null ? '' : '\n'}==> ${file.name} <==\n`);
      last = file.name;
      process.stdout.write(process.stdout.isTTY ? forTerminal(decoderOf(file.name).write(chunk)) : chunk);
    },
    collected: () => null,
  };
}

function collector(): { readonly print: Print; readonly collected: () => Readonly<Record<string, string>> } {
  const texts: Record<string, Buffer[]> = {};
  return {
    print: (file, start) => {
      (texts[file.name] ??= []).push(takeNew(file, start).chunk);
    },
    collected: () =>
      Object.fromEntries(Object.entries(texts).map(([name, chunks]) => [name, Buffer.concat(chunks).toString('utf8')])),
  };
}

function takeNew(file: Followed, start?: number): { readonly chunk: Buffer } {
  if (start !== undefined) file.offset = start;
  const chunk = readFrom(file.path, file.offset);
  file.offset += chunk.length;
  return { chunk };
}

/** Where the last `lines` lines begin; 0 for all. */
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

/** The last lines may reach a network file system after the receipt that says that there are no more. */
const LATE_MS = 2_000;

/** The receipt of a supervisor, or of a job; what else may stand there is none. */
function hasEnded(paths: RunPaths): boolean {
  const text = readReceipt(paths, EXIT_FILE);
  return parseExit(text) !== null || parseJobExit(text) !== null;
}

async function follow(source: Source, files: readonly Followed[], print: Print, over: LookOver): Promise<void> {
  const { root, run, paths } = source;
  const control = new DriverControl();
  const stop = (): void => {
    control.requestDetach();
  };
  process.once('SIGINT', stop);
  const isActive = (): boolean => {
    const active = findActive(root);
    return active.kind === 'one' && active.run.runId === run.runId;
  };
  let ended: number | null = null;
  try {
    while (!control.detach) {
      const active = isActive();
      if (hasEnded(paths)) ended ??= monotonicMs();
      for (const file of files) {
        findAgain(source, file);
        print(file);
      }
      const local = exists(paths.stdoutLog);
      if (!active || (ended !== null && (local || monotonicMs() - ended > LATE_MS))) break;
      // Nobody reads what would be printed.
      if (process.stdout.errored !== null) break;
      if (over === null) await waitForChange(paths.logs, 250, control.signal);
      else {
        await waitForChange(paths.logs, 2_000, control.signal);
        await over();
      }
    }
  } finally {
    process.off('SIGINT', stop);
  }
}
