import { availableParallelism } from 'node:os';
import { readTextOrNull } from '../../../platform/files.ts';
import { sha256 } from '../../../platform/ids.ts';
import type { TasksOrder } from '../../../records/run-data.ts';
import { taskPaths } from '../../../records/tasks/task-files.ts';
import { type RunContext, viewOf } from '../../../run/context.ts';
import type { PoolOrder } from '../../../schedulers/local/receipt.ts';

/** What the supervisor is told of the tasks of a run. */
export function poolOrder(ctx: RunContext, tasks: TasksOrder): PoolOrder {
  const { resource_request: asked } = viewOf(ctx).opened;
  return {
    count: tasks.count,
    table_sha256: sha256(readTextOrNull(taskPaths(ctx.paths).table) ?? ''),
    parallel: tasks.max_parallel ?? tasks.workers ?? tasksAtOnce(availableParallelism(), asked.cpus ?? 1),
    max_failures: tasks.max_failures,
    time_limit_seconds: tasks.time_seconds ?? asked.time_seconds,
  };
}

/** As many as there are processors for; at least one. */
function tasksAtOnce(processors: number, ofEach: number): number {
  return Math.max(1, Math.floor(processors / Math.max(1, ofEach)));
}
