import { cancelRequest } from '../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepEnd } from '../../run/step.ts';
import { startedAfter } from '../../schedulers/slurm/node-report.ts';
import { type JobClaim } from '../../schedulers/slurm/receipt.ts';
import { refresh } from '../../sites/table.ts';
import type { Books } from './ask-accounting.ts';
import { askController, type Remembered } from './ask-controller.ts';
import { jobClaimIn } from './job-receipts.ts';
import { bootedAt, untilReported } from './lost-start.ts';
import { jobIdOf, orderOf } from './order.ts';
import { fenceOff } from './submit-once.ts';

/**
 * A job that was accepted and that the controller no longer knows, or whose id belongs to another job: a controller
 * that crashed lost it. Only the claim in the run's folder says whether it began.
 */
export interface EndAnswers {
  readonly books: Books;
  readonly controller: Remembered | null;
  /** The time for accounting is over. */
  readonly over: boolean;
}

/** Returns null if that is not what happened, or cannot be said yet. */
export async function vanishedJob(ctx: RunContext, answers: EndAnswers): Promise<StepEnd | null> {
  if (!mayHaveVanished(ctx, answers)) return null;
  const said = answers.controller ?? (await askController(ctx, jobIdOf(ctx)));
  if (said.kind !== 'forgotten') return null;
  const booted = await bootedAt(ctx, 'confirm');
  if (!answers.over && !startedSince(booted, viewOf(ctx).job?.at ?? '')) return null;
  if ((await refresh(ctx)) !== null) return null;
  const words = `accounting: ${answers.books.words}; controller: ${said.words}`;
  const claim = jobClaimIn(ctx.paths);
  return claim === null ? await neverBegan(ctx, words) : await lostAfterStart(ctx, { claim, booted, words });
}

/** A job that was never released has no record, now or later; of any other one, accounting may still get it. */
function mayHaveVanished(ctx: RunContext, { books, over }: EndAnswers): boolean {
  if (books.kind === 'ended' || books.kind === 'no_answer') return false;
  return over || (books.kind !== 'not_yet' && wasNeverReleased(ctx));
}

function startedSince(booted: string | null, moment: string): boolean {
  return booted !== null && startedAfter(booted, moment);
}

/** Without a crash, the controller has only forgotten a job that ended. */
async function lostAfterStart(
  ctx: RunContext,
  { claim, booted, words }: { readonly claim: JobClaim; readonly booted: string | null; readonly words: string },
): Promise<StepEnd | null> {
  if (claim.job_id !== jobIdOf(ctx) || !startedSince(booted, claim.claimed_at)) return null;
  const lost = await untilReported(ctx, claim, words);
  if (lost.kind === 'paused') return lost.end;
  return { kind: 'failed', code: 'slurm.end_unknown', retryable: false, message: endUnknown(ctx, lost.evidence) };
}

export function endUnknown(ctx: RunContext, evidence: readonly string[]): string {
  return `Job ${jobIdOf(ctx)} began, and Slurm does not say how it ended: ${evidence.join('; ')}.`;
}

function wasNeverReleased(ctx: RunContext): boolean {
  const { job, submissions } = viewOf(ctx);
  return orderOf(ctx).hold && submissions.resubmit && job?.releasing === false;
}

/** With the claim taken, the job can no longer begin if the controller finds it again. */
async function neverBegan(ctx: RunContext, words: string): Promise<StepEnd> {
  const claimed = await fenceOff(ctx);
  if (claimed !== null) return claimed;
  const job = `job ${jobIdOf(ctx)}`;
  if (cancelRequest(ctx) !== null)
    return {
      kind: 'failed',
      code: 'run.cancelled',
      retryable: false,
      message: `The run was cancelled; the controller does not know ${job}, which never began (${words}).`,
    };
  return {
    kind: 'failed',
    code: 'slurm.vanished',
    retryable: false,
    message: `The site accepted ${job}, and the controller lost it before it began (${words}); it will not run if it turns up again.`,
  };
}
