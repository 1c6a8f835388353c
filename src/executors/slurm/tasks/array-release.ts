import { allOf } from '../../../records/journal-events.ts';
import type { RunContext } from '../../../run/context.ts';
import { startedAfter } from '../../../schedulers/slurm/node-report.ts';
import { bootedAt } from '../lost-start.ts';

/**
 * Whether an array that the queue shows as held is to be released: it was not yet, or a controller that crashed has lost the
 * release. What a user holds stays held: so a release counts as lost only by the first answer of the queue after a start of
 * the controller that follows it.
 */
export async function lacksRelease(ctx: RunContext, step: string, chunk: number): Promise<boolean> {
  const { entries } = ctx.journal;
  const isOfChunk = ({ data }: { readonly data: { readonly chunk?: number } }): boolean => (data.chunk ?? 0) === chunk;
  const releasing = allOf(entries, 'job.releasing').findLast(isOfChunk);
  const released = allOf(entries, 'job.released').findLast(isOfChunk);
  if (releasing === undefined || released === undefined || released.seq < releasing.seq) return true;
  const booted = await bootedAt(ctx, step);
  if (booted === null || !startedAfter(booted, releasing.at)) return false;
  const answers = allOf(entries, 'scheduler.read').filter(
    ({ at, data }) => data.command === 'squeue' && data.state !== null && Date.parse(at) > Date.parse(booted) + 1000,
  );
  return answers.length <= 1;
}
