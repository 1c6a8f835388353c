import { join } from 'node:path';
import { type ProcessResult, withoutOwnSecrets } from '../../platform/process.ts';
import { lastOf } from '../../records/journal-events.ts';
import { runPaths } from '../../records/paths.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import type { Site } from '../../run/site.ts';
import { answerFileOf, endProcessesArgv, NOT_STARTED, receiptedArgv } from '../../transports/far-files.ts';
import type { Lost } from '../../transports/transport.ts';
import { CALL_SECONDS, type SubmitCall, type Submitted, type Submitter } from '../submitter.ts';

/**
 * A submission on a remote host leaves its answer in a file there before it is sent here: a connection that breaks in
 * between cannot hide a job. The files are receipts like those of the job, and come here with them.
 */

/** On the remote host the command is ended after this; the answer takes a little longer to arrive. */
const ENDED_SECONDS = CALL_SECONDS - 10;
const ARRIVES_SECONDS = ENDED_SECONDS + 30;

/** `refresh`: brings the receipts here; null on success. */
export function submitOverSsh(ctx: RunContext, site: Site, refresh: () => Promise<Lost | null>): Submitter {
  return {
    namesThisProject: false,
    makeScratch: () => undefined,
    call: (order) => submitThere(ctx, site, order),
    keptAnswer: async (name, command) => ((await refresh()) === null ? answerKept(ctx, name, command) : null),
    mayArriveForMs: (name, nowMs) => untilBoundMs(ctx, name, nowMs),
    // Another login node does not see it.
    endForgotten: async (word) => {
      await site.transport.run(endProcessesArgv(word), { timeoutMs: 30_000 });
    },
  };
}

/** The call, the question about what it submitted, and a look at the receipts: all of it arrives, or none. */
async function submitThere(ctx: RunContext, site: Site, order: SubmitCall): Promise<Submitted> {
  const { opened } = viewOf(ctx);
  const paths = runPaths(site.root, opened.iteration_id, opened.run_id);
  const receipt = join(paths.receipt, receiptName(order.name));
  const argv = receiptedArgv({
    receipt,
    folders: [paths.receipt, paths.logs, opened.scratch],
    seconds: ENDED_SECONDS,
    argv: order.argv,
  });
  const call = { argv, timeoutMs: ARRIVES_SECONDS * 1000, environment: order.environment };
  const commands = order.then === null ? [call] : [call, order.then(answerFileOf(receipt))];
  const { transport, far } = site;
  const answers =
    far === null
      ? await transport.runEach(commands, order.signal)
      : (await far.mirror.lookAfter(null, commands, order.signal)).answers;
  const [result, then = null] = answers;
  if (result === undefined) throw new Error('a call without an answer');
  if (result.exitCode !== NOT_STARTED) return { result: { ...result, argv: order.argv }, then };
  const spawnError = result.stderr.trim() || 'it was not started';
  return { result: { ...result, argv: order.argv, exitCode: null, spawnError }, then: null };
}

function receiptName(call: string): string {
  return `submit.${call}`;
}

/** The status that the command ended with there; null if it is not over, or never began. */
function statusKept(ctx: RunContext, call: string): number | null {
  const status = readReceipt(ctx.paths, `${receiptName(call)}.status`)?.trim() ?? '';
  return /^\d{1,3}$/.test(status) ? Number(status) : null;
}

function answerKept(ctx: RunContext, call: string, command: string): ProcessResult | null {
  const exitCode = statusKept(ctx, call);
  if (exitCode === null) return null;
  const name = receiptName(call);
  return {
    argv: [command],
    exitCode,
    signal: null,
    timedOut: false,
    spawnError: null,
    stdout: readReceipt(ctx.paths, `${name}.out`) ?? '',
    stderr: withoutOwnSecrets(readReceipt(ctx.paths, `${name}.err`) ?? ''),
    truncated: false,
    durationMs: 0,
  };
}

function untilBoundMs(ctx: RunContext, call: string, nowMs: number): number {
  const tried = lastOf(ctx.journal.entries, 'submit.tried');
  if (tried === null || statusKept(ctx, call) !== null) return 0;
  if (readReceipt(ctx.paths, `${receiptName(call)}.begun`) === null) return 0;
  const boundMs = CALL_SECONDS * 1000;
  // A clock that was set back must not make the wait longer than that.
  return Math.min(boundMs, Math.max(0, Date.parse(tried.at) + boundMs - nowMs));
}
