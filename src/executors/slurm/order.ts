import type { SlurmOrder } from '../../records/run-data.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { type JobMarks, marksOf } from '../../schedulers/slurm/submit.ts';

/** What was decided about the job before the claim. */
export function orderOf(ctx: RunContext): SlurmOrder {
  const { slurm } = viewOf(ctx).opened;
  if (slurm === null) throw new Error('a local run has no Slurm order');
  return slurm;
}

/** The job's name: ours, unless the site gave it another one. */
export function jobNameOf(ctx: RunContext): string {
  return viewOf(ctx).submissions.renamed ?? orderOf(ctx).key;
}

/** What identifies every copy of the job. */
export function marksOfJob(ctx: RunContext): JobMarks {
  const { key, argv } = orderOf(ctx);
  return marksOf(key, argv);
}

/** The job's id; it must have been submitted. */
export function jobIdOf(ctx: RunContext): string {
  const { job } = viewOf(ctx);
  if (job === null) throw new Error('no job was submitted');
  return job.job_id;
}
