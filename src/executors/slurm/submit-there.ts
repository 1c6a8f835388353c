import { join } from 'node:path';
import type { EnvironmentChange } from '../../platform/environment.ts';
import { type ProcessResult, withoutOwnSecrets } from '../../platform/process.ts';
import { lastOf } from '../../records/journal-events.ts';
import { runPaths } from '../../records/paths.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import { type Site, siteOfRun } from '../../sites/site.ts';
import { endProcessesArgv, NOT_STARTED, receiptedArgv } from '../../transports/far-files.ts';
import type { TransportResult } from '../../transports/transport.ts';

/**
 * A submission on a remote host leaves its answer in a file there before it is sent here: a connection that breaks in
 * between cannot hide a job. The files are receipts like those of the job, and come here with them.
 */

/** On the remote host `sbatch` is ended after this; the answer takes a little longer to arrive. */
const SBATCH_SECONDS = 290;

export async function submitThere(
  ctx: RunContext,
  site: Site,
  order: {
    readonly attempt: number;
    readonly argv: readonly string[];
    readonly environment: EnvironmentChange;
    readonly signal: AbortSignal;
  },
): Promise<TransportResult> {
  const { opened } = viewOf(ctx);
  const paths = runPaths(site.root, opened.iteration_id, opened.run_id);
  const argv = receiptedArgv({
    receipt: join(paths.receipt, receiptName(order.attempt)),
    folders: [paths.receipt, paths.logs, opened.scratch],
    seconds: SBATCH_SECONDS,
    argv: order.argv,
  });
  const result = await site.transport.run(argv, {
    timeoutMs: (SBATCH_SECONDS + 30) * 1000,
    environment: order.environment,
    signal: order.signal,
  });
  if (result.exitCode !== NOT_STARTED) return { ...result, argv: order.argv };
  return { ...result, argv: order.argv, exitCode: null, spawnError: result.stderr.trim() || 'it was not started' };
}

function receiptName(attempt: number): string {
  return `submit.${attempt}`;
}

/** The receipts' answer to the last submission, if it did not arrive; null if it is not over, or never began. */
export function answerKept(ctx: RunContext): ProcessResult | null {
  const name = receiptName(viewOf(ctx).submissions.tried);
  const status = readReceipt(ctx.paths, `${name}.status`)?.trim() ?? '';
  if (!/^\d{1,3}$/.test(status)) return null;
  return {
    argv: ['sbatch'],
    exitCode: Number(status),
    signal: null,
    timedOut: false,
    spawnError: null,
    stdout: readReceipt(ctx.paths, `${name}.out`) ?? '',
    stderr: withoutOwnSecrets(readReceipt(ctx.paths, `${name}.err`) ?? ''),
    truncated: false,
    durationMs: 0,
  };
}

/** A submission whose connection broke may still run on the remote host; another login node does not see it. */
export async function endForgottenThere(ctx: RunContext, word: string): Promise<void> {
  await siteOfRun(ctx).transport.run(endProcessesArgv(word), { timeoutMs: 30_000 });
}

/** Until then a forgotten `sbatch` can still get through, wherever it runs; 0 if it is known to be over. */
export function untilBoundMs(ctx: RunContext, nowMs: number): number {
  const tried = lastOf(ctx.journal.entries, 'submit.tried');
  if (tried === null || answerKept(ctx) !== null) return 0;
  if (readReceipt(ctx.paths, `${receiptName(viewOf(ctx).submissions.tried)}.begun`) === null) return 0;
  const boundMs = (SBATCH_SECONDS + 10) * 1000;
  // A clock that was set back must not make the wait longer than that.
  return Math.min(boundMs, Math.max(0, Date.parse(tried.at) + boundMs - nowMs));
}
