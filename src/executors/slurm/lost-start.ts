import { allOf, lastOf } from '../../records/journal-events.ts';
import type { RunContext } from '../../run/context.ts';
import type { StepPaused } from '../../run/step.ts';
import { CLAIM_FILE } from '../../schedulers/receipt-files.ts';
import { configArgv } from '../../schedulers/slurm/config.ts';
import type { JobEnd } from '../../schedulers/slurm/job-end.ts';
import { bootTime, startedAfter } from '../../schedulers/slurm/node-report.ts';
import { type JobClaim } from '../../schedulers/slurm/receipt.ts';
import { judgeShown, showJobArgv } from '../../schedulers/slurm/scontrol.ts';
import { secondStart } from '../../schedulers/slurm/second-start.ts';
import { jobClaimIn, jobExitIn } from './job-receipts.ts';
import { untilNodesReport } from './nodes-report.ts';
import { jobIdOf, marksOfJob } from './order.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';

/**
 * A job whose start the controller lost in a crash: it is started a second time, or waits to be, and accounting has
 * only that. The fence stops every second start; what remains is not to take the second end for the end of the first.
 */
export type LostStart =
  /** `node`: where the first start ran; it has reported since, so nothing of it runs there any more. */
  | { readonly kind: 'lost'; readonly node: string; readonly evidence: readonly string[] }
  | { readonly kind: 'paused'; readonly end: StepPaused };

/** The claim of the start that Slurm counts as number `restarts`, if our job made it. */
function ownClaim(ctx: RunContext, restarts: number): JobClaim | null {
  const file = restarts === 0 ? CLAIM_FILE : `${CLAIM_FILE}-${restarts}`;
  const claim = jobClaimIn(ctx.paths, file);
  return claim?.job_id === jobIdOf(ctx) ? claim : null;
}

/** Returns null if the end is that of the start which claimed the run. */
export async function lostStart(ctx: RunContext, end: JobEnd): Promise<LostStart | null> {
  const claim = ownClaim(ctx, end.restarts);
  if (claim === null) return null;
  const facts = {
    claim,
    receipt: jobExitIn(ctx.paths),
    seenWaiting: seenWaiting(ctx),
  };
  const late = end.startedAt !== null && Date.parse(end.startedAt) > Date.parse(claim.claimed_at);
  const words =
    secondStart(end, { ...facts, bootedAt: null }) ??
    (late ? secondStart(end, { ...facts, bootedAt: await bootedAt(ctx, 'confirm') }) : null);
  return words === null ? null : await untilReported(ctx, claim, words);
}

/** Waits, within the time of `confirm`, until the node of a start that was lost has reported to the controller. */
export async function untilReported(ctx: RunContext, claim: JobClaim, words: string): Promise<LostStart> {
  const { node, claimed_at } = claim;
  const job = `job ${jobIdOf(ctx)}`;
  const message = `The controller lost the start of ${job} at ${claimed_at} on ${node} (${words}), and that start may still run`;
  const reported = await untilNodesReport(ctx, [node], message);
  if ('kind' in reported) return { kind: 'paused', end: reported };
  const first = `${job} began on ${node} at ${claimed_at}, and the controller lost that start: ${words}`;
  return { kind: 'lost', node, evidence: [first, ...reported, receiptWords(ctx)] };
}

function receiptWords(ctx: RunContext): string {
  const receipt = jobExitIn(ctx.paths);
  if (receipt?.job_id !== jobIdOf(ctx)) return 'that start left no receipt of its end';
  return `that start left a receipt with exit code ${receipt.exit_code}, which Slurm did not confirm`;
}

/** When the present controller was started; null if it does not say. */
export async function bootedAt(ctx: RunContext, step: string): Promise<string | null> {
  const result = await ask(ctx, configArgv());
  keepAnswer(ctx, 'scontrol.boot.txt', result);
  const at = bootTime(result);
  noteRead(ctx, step, { command: 'scontrol', answer: at === null ? 'no time of its start' : `started at ${at}` });
  return at;
}

function seenWaiting(ctx: RunContext): string | null {
  return lastOf(ctx.journal.entries, 'job.start_lost')?.data.evidence ?? null;
}

/**
 * A job that waits in the queue although it has claimed the run, and not because Slurm requeued it: its start was lost.
 * Recorded, since accounting may not show it any more after the end. Returns null if the controller does not answer.
 */
export async function waitsAgain(ctx: RunContext, step: string): Promise<boolean | null> {
  if (seenWaiting(ctx) !== null) return true;
  const jobId = jobIdOf(ctx);
  // The claim is read before the controller is asked: a job that starts meanwhile does not wait any more.
  if (ownClaim(ctx, 0) === null) return false;
  const result = await ask(ctx, showJobArgv(jobId));
  keepAnswer(ctx, 'scontrol.waits.txt', result);
  const shown = judgeShown(result, { ...marksOfJob(ctx), jobId });
  noteRead(ctx, step, { command: 'scontrol', answer: shown.words });
  if (shown.kind === 'no_answer') return null;
  if (shown.kind !== 'active' || shown.state !== 'PENDING' || ownClaim(ctx, shown.restarts) === null) return false;
  const evidence = `job ${jobId} waited in the queue again, without a requeue, after it had claimed the run`;
  ctx.journal.append(step, 'job.start_lost', { evidence });
  ctx.emit({
    type: 'note',
    message: `The controller lost the start of job ${jobId}: it waits to be started a second time, and is cancelled.`,
  });
  return true;
}

/**
 * A held job that we had released: the controller lost the release in a crash, unless a user holds it. It was the crash
 * if the controller was started after the release and was never seen to have let the job go since. Returns null if the
 * controller does not say when it was started.
 */
export async function releaseWasLost(ctx: RunContext, step: string): Promise<boolean | null> {
  // The line before the order: the controller may have been started between the order and the line after it.
  const released = lastOf(ctx.journal.entries, 'job.releasing');
  if (released === null) return false;
  const booted = await bootedAt(ctx, step);
  if (booted === null) return null;
  if (!startedAfter(booted, released.at)) return false;
  return !allOf(ctx.journal.entries, 'scheduler.read').some(
    ({ at, data }) =>
      Date.parse(at) > Date.parse(booted) + 1000 &&
      data.command === 'squeue' &&
      typeof data.state === 'string' &&
      data.reason !== 'JobHeldUser',
  );
}
