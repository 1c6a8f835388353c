import type { ExecuteResult } from '../../../records/step-results.ts';
import { type RunContext, viewOf } from '../../../run/context.ts';
import type { StepEnd } from '../../../run/step.ts';
import { adviceOnTasks } from '../../../run/tasks/advice.ts';
import { writeTaskEnds } from '../../../run/tasks/ends.ts';
import { takenOverTasks, withTakenOver } from '../../../run/tasks/reuse.ts';
import { judgeTasks } from '../../../run/tasks/verdict.ts';
import type { Exit } from '../../../schedulers/local/receipt.ts';
import { readStop, readTaskFacts } from './read-task-facts.ts';
import { taskEnds } from './task-ends.ts';

/** The end of a run with many tasks: of each task, and what they mean for the run. `exit`: null if the run is lost. */
export function tasksEnd(
  ctx: RunContext,
  exit: Exit | null,
  { result, writes }: { readonly result: ExecuteResult; readonly writes: readonly string[] },
): StepEnd {
  const { ends, tasks, wasCancelled } = noteTaskEnds(ctx, exit);
  const { code, message } = judgeTasks(ends, wasCancelled);
  const end = { message, writes, result: { ...result, tasks } };
  if (code === null) return { kind: 'done', ...end };
  const recommendations = adviceOnTasks(ctx.paths, viewOf(ctx), ends);
  return { kind: 'failed', code, retryable: false, recommendations, ...end };
}

/** Writes how each task ended. */
export function noteTaskEnds(ctx: RunContext, exit: Exit | null) {
  const { opened, cancel, started } = viewOf(ctx);
  const { tasks: order, resource_request: asked } = opened;
  if (order === undefined) throw new Error('a run without a list of tasks');
  const wasCancelled = cancel !== null && (exit === null || exit.ended_by === 'request');
  const own = taskEnds(readTaskFacts(ctx.paths, order.count, exit), {
    node: started?.supervisor?.host ?? '',
    timeLimitSeconds: order.time_seconds ?? asked.time_seconds,
    ...{ runCancelled: wasCancelled, stopped: readStop(ctx.paths), lost: exit === null },
  });
  const ends = withTakenOver(own, takenOverTasks(ctx.paths, order));
  return { ends, wasCancelled, tasks: writeTaskEnds(ctx, ends) };
}
