import { monotonicMs } from '../../platform/time.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import { CLAIM_FILE } from '../../schedulers/receipt-files.ts';
import { parseJobClaim } from '../../schedulers/slurm/receipt.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { releaseWasLost, waitsAgain } from './lost-start.ts';
import { jobIdOf } from './order.ts';
import { otherOwner } from './owner.ts';
import { releaseJob } from './release.ts';

/** A job that waits in the queue after it was let go: a crash of the controller can take back the release, and a start. */
export interface WaitingWatch {
  /** Why it waits was looked into: once for as long as it does. */
  looked: boolean;
  /** When it was cancelled, on the monotonic clock. */
  cancelled: number | null;
}

export async function lookAtWaiting(
  ctx: RunContext,
  step: string,
  watch: WaitingWatch,
  { name, reason }: { readonly name: string; readonly reason: string | null },
): Promise<void> {
  const jobId = jobIdOf(ctx);
  const held = reason === 'JobHeldUser';
  // The release was not answered, or the driver died before it.
  if (held && viewOf(ctx).job?.released !== true) {
    await releaseJob(ctx, jobId);
    return;
  }
  const claimed = otherOwner(ctx) === null && parseJobClaim(readReceipt(ctx.paths, CLAIM_FILE)) !== null;
  if (watch.looked || !(claimed || held)) return;
  const lost = claimed ? await waitsAgain(ctx, step) : await releaseWasLost(ctx, step);
  watch.looked = lost !== null;
  if (lost !== true) return;
  // What a user holds after the release is theirs to let go.
  if (!claimed) {
    await releaseJob(ctx, jobId);
    return;
  }
  const why = 'its start was lost, and a second one could start nothing';
  const unanswered = await cancelJobs(ctx, [{ jobId, name }], why, step);
  if (unanswered.length === 0) watch.cancelled = monotonicMs();
  else watch.looked = false;
}
