import { type RunContext, viewOf } from '../../run/context.ts';
import { copiesArgv, type JobCopy, judgeCopies } from '../../schedulers/slurm/lookup.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { marksOfJob } from './order.ts';
import { ask, keepAnswer, noteRead, type SlurmReply } from './scheduler.ts';

export type Strays = readonly JobCopy[];

/** In the answer to `copiesArgv`; null if that is none. */
export function straysIn(ctx: RunContext, result: SlurmReply): Strays | null {
  keepAnswer(ctx, 'squeue.strays.txt', result);
  const found = judgeCopies(result, marksOfJob(ctx));
  const told = (words: string): void => {
    noteRead(ctx, 'confirm', { command: 'squeue', answer: `other copies of the job: ${words}` });
  };
  if (found.kind === 'no_answer') {
    told(`no answer (${found.words})`);
    return null;
  }
  const ours = viewOf(ctx).chunks.flatMap(({ job }) => job?.job_id ?? []);
  const strays = found.copies.filter(({ jobId, alive }) => alive && !ours.includes(jobId));
  told(strays.map(({ jobId }) => jobId).join(', ') || 'none');
  return strays;
}

/**
 * A controller may accept a job twice, even if sbatch got a clear answer; or a copy may turn up late. It would
 * stay in the queue, held, for ever: before a run is closed, autolab finds and cancels them. Returns what to report.
 */
export async function cancelStrays(ctx: RunContext, known: Strays | null = null): Promise<readonly string[]> {
  const strays = known ?? straysIn(ctx, await ask(ctx, copiesArgv()));
  if (strays === null) return ['squeue did not say whether other copies of the job are in the queue'];
  const ids = strays.map(({ jobId }) => jobId);
  const unheard = await cancelJobs(ctx, strays, 'it was submitted twice, and the run has ended', 'confirm');
  return ids.map((jobId) => {
    const end = unheard.includes(jobId) ? 'scancel was sent, and did not confirm it' : 'it was cancelled';
    return `job ${jobId}, another copy of the job, was still in the queue: ${end}`;
  });
}
