import { scancelArgv } from '../../schedulers/slurm/scontrol.ts';
import type { RunContext } from '../context.ts';
import { ask, keepAnswer } from './scheduler.ts';

/** Takes jobs out of the queue. What became of them the queue tells: the answer of `scancel` is kept, not believed. */
export async function cancelJobs(ctx: RunContext, jobIds: readonly string[], why: string): Promise<void> {
  for (const jobId of jobIds) {
    ctx.lease.assertHeld();
    keepAnswer(ctx, `scancel.${jobId}.txt`, await ask(ctx, scancelArgv(jobId)));
    ctx.emit({ type: 'note', message: `Cancelled job ${jobId}: ${why}.` });
  }
}
