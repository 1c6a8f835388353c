import { join } from 'node:path';
import { makeFolder, writeFileIfChanged } from '../../platform/files.ts';
import { noResult, type ProcessResult } from '../../platform/process.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { now } from '../../platform/time.ts';
import type { ReadData } from '../../records/run-data.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { siteOfRun } from '../../sites/site.ts';
import { folderOfRun } from '../../sites/table.ts';
import type { Lost } from '../../transports/transport.ts';
import { askSlurm, slurmCommand } from './question.ts';

/**
 * Asking Slurm on behalf of a run: every question is counted in the journal, every answer is kept as it is in `logs/`,
 * and nothing of the user's environment changes what Slurm's commands mean.
 */

/** Longer than the clients themselves wait for a controller (MessageTimeout, 10 s, several times). */
const READ_TIMEOUT_MS = 90_000;

/** `lost`: over ssh, why there is no answer. */
export type SlurmReply = ProcessResult & { readonly lost?: Lost | null };

/** Asks one question. A user who wants to leave does not wait for its answer: then there is none. */
export function ask(ctx: RunContext, argv: readonly string[]): Promise<SlurmReply> {
  ctx.lease.assertHeld();
  return unlessLeaving(ctx, askSlurm(siteOfRun(ctx), argv, READ_TIMEOUT_MS), () => notWaitedFor(argv));
}

export interface WithNews {
  readonly replies: readonly SlurmReply[];
  /** Why the receipts could not be fetched: then there are no answers, either. */
  readonly lost: Lost | null;
}

/** Asks questions that do not need each other's answers, and fetches the receipts after them. */
export function askWithNews(ctx: RunContext, questions: readonly (readonly string[])[]): Promise<WithNews> {
  ctx.lease.assertHeld();
  const site = siteOfRun(ctx);
  const asked = folderOfRun(ctx).askWithNews(
    viewOf(ctx).job?.job_id ?? null,
    questions.map((argv) => slurmCommand(site, argv, READ_TIMEOUT_MS)),
  );
  const answers = asked.then(({ answers: replies, lost }): WithNews => ({ replies, lost }));
  return unlessLeaving(ctx, answers, () => ({ replies: questions.map(notWaitedFor), lost: null }));
}

function notWaitedFor(argv: readonly string[]): SlurmReply {
  return noResult(argv, 'not waited for: the driver was asked to stop or to leave', 0);
}

async function unlessLeaving<T>(ctx: RunContext, answer: Promise<T>, none: () => T): Promise<T> {
  const { signal } = ctx.control;
  let leave: (() => void) | undefined;
  const left = new Promise<T>((resolve) => {
    leave = (): void => {
      resolve(none());
    };
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([answer, left]);
  } finally {
    if (leave !== undefined) signal.removeEventListener('abort', leave);
  }
}

/** Journals a question to the scheduler and its answer; the text itself goes to `logs/<file>`. */
export function noteRead(
  ctx: RunContext,
  step: string,
  read: Pick<ReadData, 'command' | 'answer'> & Partial<ReadData>,
): void {
  const data: ReadData = { state: null, reason: null, expected_start: null, ...read };
  ctx.journal.append(step, 'scheduler.read', data);
}

/** Keeps an answer as it is. Returns the path, relative to the project. */
export function keepAnswer(ctx: RunContext, file: string, result: ProcessResult): string {
  const end =
    result.spawnError ?? (result.timedOut ? 'no answer' : (result.signal ?? `exit ${String(result.exitCode)}`));
  const text = `$ ${quoteArgv(result.argv)}\n# ${now()}: ${end}, ${result.durationMs} ms\n${result.stdout}\n# stderr:\n${result.stderr}\n`;
  // The job owns the run's folder, and may have removed it.
  makeFolder(ctx.paths.logs);
  writeFileIfChanged(join(ctx.paths.logs, file), text);
  return `${ctx.paths.relative}/logs/${file}`;
}
