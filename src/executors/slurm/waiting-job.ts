import { type RunContext, viewOf } from '../../run/context.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { jobClaimIn } from './job-receipts.ts';
import { releaseWasLost, waitsAgain } from './lost-start.ts';
import { jobIdOf } from './order.ts';
import { otherOwner } from './owner.ts';
import { releaseJob } from './release.ts';

/**
 * A job that waits in the queue after it was released: a crash of the controller can take back the release, and a start.
 * Returns null if there is nothing to look into, or it was looked into before.
 */
export async function lookAtWaiting(
  ctx: RunContext,
  step: string,
  looked: boolean,
  { name, reason }: { readonly name: string; readonly reason: string | null },
): Promise<LookedAtWaiting | null> {
  const jobId = jobIdOf(ctx);
  const held = reason === 'JobHeldUser';
  // The release was not answered, or the driver died before it.
  if (held && viewOf(ctx).job?.released !== true) {
    await releaseJob(ctx, jobId);
    return null;
  }
  const claimed = otherOwner(ctx) === null && jobClaimIn(ctx.paths) !== null;
  if (looked || !(claimed || held)) return null;
  const lost = claimed ? await waitsAgain(ctx, step) : await releaseWasLost(ctx, step);
  if (lost !== true) return { known: lost !== null, cancelled: false };
  // What a user holds after the release is theirs to let go.
  if (!claimed) {
    await releaseJob(ctx, jobId);
    return { known: true, cancelled: false };
  }
  const why = 'its start was lost, and a second one could start nothing';
  const cancelled = (await cancelJobs(ctx, [{ jobId, name }], why, step)).length === 0;
  return { known: cancelled, cancelled };
}

export interface LookedAtWaiting {
  /** Why it waits is known: that holds for as long as it does. */
  readonly known: boolean;
  readonly cancelled: boolean;
}
