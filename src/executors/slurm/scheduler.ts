import { join } from 'node:path';
import { makeFolder, writeFileIfChanged } from '../../platform/files.ts';
import { noResult, type ProcessResult } from '../../platform/process.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { now } from '../../platform/time.ts';
import type { ReadData } from '../../records/run-data.ts';
import type { RunContext } from '../../run/context.ts';
import { siteOfRun } from '../../sites/site.ts';
import type { Lost } from '../../transports/transport.ts';
import { askSlurm } from './question.ts';

/**
 * Asking Slurm on behalf of a run: every question is counted in the journal, every answer is kept as it is in `logs/`,
 * and nothing of the user's environment changes what Slurm's commands mean.
 */

/** Longer than the clients themselves wait for a controller (MessageTimeout, 10 s, several times). */
const READ_TIMEOUT_MS = 90_000;

/** `lost`: over ssh, why there is no answer. */
export type SlurmReply = ProcessResult & { readonly lost?: Lost | null };

/** Asks one question. A user who wants to leave does not wait for its answer: then there is none. */
export async function ask(ctx: RunContext, argv: readonly string[]): Promise<SlurmReply> {
  ctx.lease.assertHeld();
  const answer = askSlurm(siteOfRun(ctx), argv, READ_TIMEOUT_MS);
  const { signal } = ctx.control;
  let leave: (() => void) | undefined;
  const left = new Promise<SlurmReply>((resolve) => {
    leave = (): void => {
      resolve(noResult(argv, 'not waited for: the driver was asked to stop or to leave', 0));
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
