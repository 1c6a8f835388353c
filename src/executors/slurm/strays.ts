import { type RunContext, viewOf } from '../../run/context.ts';
import { copiesArgv, judgeCopies } from '../../schedulers/slurm/lookup.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { marksOfJob } from './order.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';

/**
 * A controller may accept a job twice, even if sbatch got a clear answer; or a copy may turn up late. It would
 * stay in the queue, held, for ever: before a run is closed, autolab finds and cancels them. Returns what to report.
 */
export async function cancelStrays(ctx: RunContext): Promise<readonly string[]> {
  const result = await ask(ctx, copiesArgv());
  keepAnswer(ctx, 'squeue.strays.txt', result);
  const found = judgeCopies(result, marksOfJob(ctx));
  if (found.kind === 'no_answer') {
    noteRead(ctx, 'confirm', { command: 'squeue', answer: `other copies of the job: no answer (${found.words})` });
    return ['squeue did not say whether other copies of the job are in the queue'];
  }
  const ours = viewOf(ctx).chunks.flatMap(({ job }) => job?.job_id ?? []);
  const strays = found.copies.filter(({ jobId, alive }) => alive && !ours.includes(jobId));
  const ids = strays.map(({ jobId }) => jobId);
  noteRead(ctx, 'confirm', { command: 'squeue', answer: `other copies of the job: ${ids.join(', ') || 'none'}` });
  const unheard = await cancelJobs(ctx, strays, 'it was submitted twice, and the run has ended', 'confirm');
  return ids.map((jobId) => {
    const end = unheard.includes(jobId) ? 'scancel was sent, and did not confirm it' : 'it was cancelled';
    return `job ${jobId}, another copy of the job, was still in the queue: ${end}`;
  });
}
