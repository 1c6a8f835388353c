import { judgeLookup, lookupArgv } from '../../schedulers/slurm/lookup.ts';
import { viewOf, type RunContext } from '../context.ts';
import { cancelJobs } from './cancel-jobs.ts';
import { siteOfRun } from '../site.ts';
import { jobIdOf, orderOf } from './order.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';

/** Where `sbatch` was called more than once, a copy may have turned up late: held, and now taken out of the queue. */
export async function cancelStrays(ctx: RunContext): Promise<void> {
  const view = viewOf(ctx);
  if (view.submissions.tried < 2 && view.job?.adopted !== true) return;
  const { key } = orderOf(ctx);
  const result = await ask(ctx, lookupArgv(key));
  keepAnswer(ctx, 'squeue.strays.txt', result);
  const found = judgeLookup(result, { key, chdir: siteOfRun(ctx).root });
  const strays = found.kind === 'found' ? found.jobIds.filter((jobId) => jobId !== jobIdOf(ctx)) : [];
  noteRead(ctx, 'confirm', { command: 'squeue', answer: `other jobs named ${key}: ${strays.join(', ') || 'none'}` });
  if (strays.length > 0) await cancelJobs(ctx, strays, 'it was submitted twice, and the run has ended');
}
