import type { RunContext } from '../../run/context.ts';
import { saysUnknownJob } from '../../schedulers/slurm/answer.ts';
import { scancelArgv } from '../../schedulers/slurm/scontrol.ts';
import { noteOrder } from './orders.ts';
import { ask, keepAnswer } from './scheduler.ts';

/** A job that was ours a moment ago. Its id may belong to another job by now; its name does not. */
export interface KnownJob {
  readonly jobId: string;
  readonly name: string;
}

/**
 * Removes jobs from the queue. The queue shows the result: the answer of `scancel` is kept, not trusted. Returns the
 * ids of the jobs whose cancel was not answered: Slurm may execute it later, or never.
 */
export async function cancelJobs(
  ctx: RunContext,
  jobs: readonly KnownJob[],
  why: string,
  step: string,
): Promise<readonly string[]> {
  const unanswered: string[] = [];
  for (const { jobId, name } of jobs) {
    ctx.lease.assertHeld();
    const result = await ask(ctx, scancelArgv(jobId, name));
    keepAnswer(ctx, `scancel.${jobId}.txt`, result);
    const answer = noteOrder(ctx, step, { order: 'cancel', jobId }, result);
    // Given a name, scancel complains about a job that has ended or is not known: then there is nothing to cancel.
    const heard = answer === 'done' || saysUnknownJob(result);
    if (!heard) unanswered.push(jobId);
    const words = result.stderr.trim().split('\n').at(-1) ?? '';
    const instead =
      answer === 'unknown' ? `The answer to scancel of job ${jobId} is unknown` : `scancel of job ${jobId} failed`;
    ctx.emit({
      type: 'note',
      message: heard ? `Cancelled job ${jobId}: ${why}.` : `${instead} (${words}): ${why}.`,
    });
  }
  return unanswered;
}
