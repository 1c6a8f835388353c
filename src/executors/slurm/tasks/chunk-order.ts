import { type RunContext, viewOf } from '../../../run/context.ts';
import { arrayOption } from '../../../schedulers/slurm/arrays/array-limits.ts';
import { arrayArgv } from '../../../schedulers/slurm/submit.ts';
import { chunkOf, keyOf, orderOf } from '../order.ts';

/** The command that submits a job of the run: an array, if the run has tasks. */
export function argvOf(ctx: RunContext, chunk: number): readonly string[] {
  const { argv } = orderOf(ctx);
  const { plan } = chunkOf(ctx, chunk);
  return plan === null
    ? argv
    : arrayArgv(argv, keyOf(ctx, chunk), arrayOption(plan.elements, plan.at_once, plan.numbers));
}

/** What the elements of an array find in their environment; the script beside theirs says what it means. */
export function chunkVariables(ctx: RunContext, chunk: number): Readonly<Record<string, string>> {
  const { plan } = chunkOf(ctx, chunk);
  const { tasks, resource_request: asked } = viewOf(ctx).opened;
  if (plan === null || tasks === undefined) return {};
  return {
    AUTOLAB_CHUNK_OFFSET: String(plan.offset),
    AUTOLAB_TASK_COUNT: String(tasks.count),
    ...(tasks.workers === null ? {} : { AUTOLAB_TASK_WORKERS: '1' }),
    ...(tasks.time_seconds === null ? {} : { AUTOLAB_TASK_SECONDS: String(tasks.time_seconds) }),
    ...(asked.time_seconds === null ? {} : { AUTOLAB_WORKER_SECONDS: String(asked.time_seconds) }),
  };
}
