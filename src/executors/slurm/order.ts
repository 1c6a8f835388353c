import type { OfChunk } from '../../records/journal-events.ts';
import type { SlurmOrder } from '../../records/run-data.ts';
import type { ChunkView } from '../../records/run-view.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { type JobMarks, marksOf } from '../../schedulers/slurm/submit.ts';

/** What was decided before the claim. `chunk`: the number of the job, 0 for the only one of a run without tasks. */

export function orderOf(ctx: RunContext): SlurmOrder {
  const { slurm } = viewOf(ctx).opened;
  if (slurm === null) throw new Error('a local run has no Slurm order');
  return slurm;
}

export function chunkOf(ctx: RunContext, chunk = 0): ChunkView {
  const found = viewOf(ctx).chunks[chunk];
  if (found === undefined) throw new Error(`chunk ${chunk} is not planned`);
  return found;
}

/** Whether other jobs of the run were submitted. */
export function hasOthers(ctx: RunContext, chunk: number): boolean {
  return viewOf(ctx).chunks.some(({ index, job }) => index !== chunk && job !== null);
}

/** What the journal's lines about a chunk say of it: nothing in a run that has one job. */
export function ofChunk(ctx: RunContext, chunk: number): OfChunk {
  return viewOf(ctx).opened.tasks === undefined ? {} : { chunk };
}

/** The name by which a job is looked up. */
export function keyOf(ctx: RunContext, chunk = 0): string {
  const { key } = orderOf(ctx);
  return viewOf(ctx).opened.tasks === undefined ? key : `${key}.${chunk}`;
}

/** The job's name: ours, unless the site gave it another one. */
export function jobNameOf(ctx: RunContext, chunk = 0): string {
  return chunkOf(ctx, chunk).submissions.renamed ?? keyOf(ctx, chunk);
}

/** What identifies every copy of the job. */
export function marksOfJob(ctx: RunContext, chunk = 0): JobMarks {
  return marksOf(keyOf(ctx, chunk), orderOf(ctx).argv);
}

/** The job's id; it must have been submitted. */
export function jobIdOf(ctx: RunContext, chunk = 0): string {
  const { job } = chunkOf(ctx, chunk);
  if (job === null) throw new Error('no job was submitted');
  return job.job_id;
}
