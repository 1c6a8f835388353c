import { type Failure, failureOf } from '../../errors/failure.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import type { RunView } from '../../records/run-view.ts';

/** What is wrong with a task that a command names. Pure. */

export function withoutTasks(runId: string): Failure {
  return failureOf('usage', {
    message: `The run ${runId} has one task, without parameters.`,
    hint: `See it: ${quoteArgv(['autolab', 'show', runId])}`,
  });
}

/** Returns the order of a run that has all these tasks, or what is wrong. */
export function orderWith({ opened }: RunView, indices: readonly number[]): TasksOrder | Failure {
  const { run_id: runId, tasks } = opened;
  if (tasks === undefined) return withoutTasks(runId);
  const unknown = indices.find((index) => index >= tasks.count);
  if (unknown === undefined) return tasks;
  return failureOf('usage', {
    message: `The run ${runId} has no task ${unknown}: it has ${tasks.count}, from 0 to ${tasks.count - 1}.`,
    hint: `List them: ${quoteArgv(['autolab', 'tasks', runId])}`,
  });
}
