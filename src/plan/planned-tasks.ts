import { executorOf } from '../executors/table.ts';
import { taskWords } from '../launch-scripts/entrypoint.ts';
import { tasksOf } from '../launch-scripts/starter.ts';
import { quoteArgv } from '../platform/quoting.ts';
import { withoutUrlSecrets } from '../platform/redact.ts';
import { runPaths } from '../records/paths.ts';
import type { OpenedData, TasksOrder } from '../records/run-data.ts';
import type { TaskChunk } from '../records/tasks/task-chunk.ts';
import { taskFolder } from '../records/tasks/task-files.ts';
import type { Task, TaskList } from '../records/tasks/task-list.ts';

/** The tasks of a launch, as dry run, `render` and `approve` show them. */
export interface PlannedTasks extends TasksOrder {
  /** Of the first and the last task, as one line for a POSIX shell. */
  readonly first_command: string;
  readonly last_command: string;
  /** How they would be submitted; null if only the launch knows, as on this machine and with workers. */
  readonly chunks: readonly TaskChunk[] | null;
  readonly total: TasksTotal;
}

/** What all of them may use at most: the request of `compute`, once for each task, or for each worker. */
export interface TasksTotal {
  readonly requests: number;
  /** How many of them at the same time, if the design says it. */
  readonly at_once: number | null;
  /** Of all requests together. */
  readonly cpus: number;
  readonly gpus: number;
  /** Limits of all requests, one after another; null without a limit. */
  readonly time_seconds: number | null;
  readonly cpu_seconds: number | null;
  readonly gpu_seconds: number | null;
}

/** Null if the run has one task, without parameters. `root`: of the project here. Pure. */
export function plannedTasks(root: string, opened: OpenedData, list: TaskList | null): PlannedTasks | null {
  const { tasks: order, entrypoint } = opened;
  const [first, last] = [list?.tasks[0], list?.tasks.at(-1)];
  if (order === undefined || first === undefined || last === undefined) return null;
  const { folder } = runPaths(opened.remote?.root ?? root, opened.iteration_id, opened.run_id);
  const command = (task: Task): string =>
    withoutUrlSecrets(
      quoteArgv(taskWords(entrypoint.argv, { ...task, folder: `${folder}/${taskFolder(task.index)}` })),
    );
  return {
    ...order,
    first_command: command(first),
    last_command: command(last),
    chunks: null,
    total: totalOf(opened, order),
  };
}

function totalOf(opened: OpenedData, order: TasksOrder): TasksTotal {
  const request = opened.resource_request;
  const { count, max_parallel, workers, time_seconds } = order;
  const isShared = workers !== null && executorOf(opened).hasWorkers;
  const requests = isShared ? Math.min(workers, count) : count;
  const cpus = (request.cpus ?? 1) * tasksOf(request);
  const gpus = request.gpu_count * (request.nodes ?? 1);
  // On this machine the limit of a task may be its own.
  const each = isShared ? request.time_seconds : (time_seconds ?? request.time_seconds);
  const over = (amount: number): number | null => (each === null ? null : requests * amount * each);
  return {
    requests,
    at_once: max_parallel === null ? null : Math.min(max_parallel, requests),
    ...{ cpus: requests * cpus, gpus: requests * gpus },
    ...{ time_seconds: over(1), cpu_seconds: over(cpus), gpu_seconds: over(gpus) },
  };
}
