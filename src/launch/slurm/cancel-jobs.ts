import { scancelArgv } from '../../schedulers/slurm/scontrol.ts';
import type { RunContext } from '../context.ts';
import { ask, keepAnswer } from './scheduler.ts';

/**
 * Takes jobs out of the queue. What became of them the queue tells: the answer of `scancel` is kept, not believed.
 * False where one of them was not heard.
 */
export async function cancelJobs(ctx: RunContext, jobIds: readonly string[], why: string): Promise<boolean> {
  let heard = true;
  for (const jobId of jobIds) {
    ctx.lease.assertHeld();
    const result = await ask(ctx, scancelArgv(jobId));
    keepAnswer(ctx, `scancel.${jobId}.txt`, result);
    const done = result.exitCode === 0;
    heard &&= done;
    const words = result.stderr.trim().split('\n').at(-1) ?? '';
    ctx.emit({
      type: 'note',
      message: done ? `Cancelled job ${jobId}: ${why}.` : `scancel of job ${jobId} did not succeed (${words}): ${why}.`,
    });
  }
  return heard;
}
