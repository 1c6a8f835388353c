import { type RunContext, viewOf, writeManifest } from '../../run/context.ts';
import { isJobId } from '../../schedulers/slurm/answer.ts';
import { accountedByNameArgv, copiesArgv, judgeCopies, parseAccountedByName } from '../../schedulers/slurm/lookup.ts';
import { jobClaimIn } from './job-receipts.ts';
import { jobIdOf, keyOf, marksOfJob } from './order.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';

/**
 * If two copies of the job were released (`hold: false`, or a site that ignores `--hold`), the fence in the script lets
 * one of them run. The run's job is that one, whichever of them sbatch named.
 */
export type JobOwner =
  /** The claim names our job, or none. */
  | { readonly kind: 'ours' }
  /** The claim names another copy, which is the run's job from here on. */
  | { readonly kind: 'followed' }
  /** The claim names a job that neither the queue nor accounting shows to be a copy of ours. */
  | { readonly kind: 'not_known'; readonly jobId: string; readonly words: string };

export async function followOwner(ctx: RunContext, step: string): Promise<JobOwner> {
  const ours = jobIdOf(ctx);
  const owner = otherOwner(ctx);
  if (owner === null) return { kind: 'ours' };
  // The job can write anything into its claim: it must be one that was submitted for this run.
  const said = await whoKnows(ctx, step, owner);
  if (!said.known) return { kind: 'not_known', jobId: owner, words: said.words };
  const evidence = `job ${owner} owns the run by its claim, and ${said.words}: it is followed instead of job ${ours}`;
  ctx.journal.append(step, 'job.owner', { job_id: owner, instead_of: ours, evidence });
  ctx.emit({ type: 'note', message: `Two copies of the job were released; autolab follows job ${owner}, which runs.` });
  writeManifest(ctx);
  return { kind: 'followed' };
}

/** The job that the claim names, if that is not the one that is followed. */
export function otherOwner(ctx: RunContext): string | null {
  const owner = jobClaimIn(ctx.paths)?.job_id ?? null;
  return owner === null || !isJobId(owner) || owner === viewOf(ctx).job?.job_id ? null : owner;
}

async function whoKnows(
  ctx: RunContext,
  step: string,
  jobId: string,
): Promise<{ readonly known: boolean; readonly words: string }> {
  const marks = marksOfJob(ctx);
  const queue = await ask(ctx, copiesArgv());
  keepAnswer(ctx, 'squeue.owner.txt', queue);
  const found = judgeCopies(queue, marks);
  const inQueue = found.kind === 'known' && found.copies.some((copy) => copy.jobId === jobId);
  const words = found.kind === 'no_answer' ? found.words : inQueue ? 'a copy of ours' : 'not in the queue';
  noteRead(ctx, step, { command: 'squeue', answer: `job ${jobId}, which claimed the run: ${words}` });
  if (inQueue) return { known: true, words: 'the queue has it as a copy of ours' };
  // The controller may have forgotten a job that has ended.
  const key = keyOf(ctx);
  const books = await ask(ctx, accountedByNameArgv(key));
  keepAnswer(ctx, 'sacct.owner.txt', books);
  const known = parseAccountedByName(books, key).includes(jobId);
  noteRead(ctx, step, { command: 'sacct', answer: `jobs named ${key}: ${known ? jobId : `not job ${jobId}`}` });
  return {
    known,
    words: known ? 'accounting has it under our name' : `squeue: ${words}; sacct: no record of our name`,
  };
}
