import { join } from 'node:path';
import { readTextOrNull } from '../../../platform/files.ts';
import { type TasksOrder } from '../../../records/run-data.ts';
import { taskClaimName, taskPaths } from '../../../records/tasks/task-files.ts';
import { parseTaskClaim, type TaskClaim, type TaskExit, type TaskStart } from '../../../records/tasks/task-receipt.ts';
import { type RunContext, viewOf } from '../../../run/context.ts';
import { listTaskReceipts, readTaskExit, readTaskStart } from '../../../run/tasks/look.ts';
import { takenOverTasks } from '../../../run/tasks/reuse.ts';

/** What the receipts say of every task, read in full: once, when the run ends. */

export interface TaskOnSlurm {
  /** Of the last attempt; null if nobody claimed the task, and for a claim that cannot be read. */
  readonly claim: TaskClaim | null;
  /** Claims: 0 if nobody claimed the task. */
  readonly attempts: number;
  /** Its command was started, by the attempt before or the last one. */
  readonly started: boolean;
  /** When that of the last attempt was, if there is no receipt of its end; null if it was not, or nothing says when. */
  readonly startedAt: string | null;
  /** Of which attempt the receipt of a start is, if there is no receipt of an end; null if that is not known. */
  readonly startedAttempt: number | null;
  /** Of the last attempt. */
  readonly exit: TaskExit | null;
  /** The user cancelled it. */
  readonly cancelled: boolean;
}

const NO_FACTS: TaskOnSlurm = {
  ...{ claim: null, attempts: 0, started: false, startedAt: null, startedAttempt: null, exit: null, cancelled: false },
};

export function tasksOrderOf(ctx: RunContext): TasksOrder {
  const { tasks } = viewOf(ctx).opened;
  if (tasks === undefined) throw new Error('the run has no tasks');
  return tasks;
}

/** Those that are not taken over from an earlier run, ascending: what was taken over has a claim, and is not submitted. */
export function tasksToRun(ctx: RunContext): readonly number[] {
  const order = tasksOrderOf(ctx);
  const taken = takenOverTasks(ctx.paths, order);
  return Array.from({ length: order.count }, (_, index) => index).filter((index) => !taken.has(index));
}

/** In order of index. */
export function readTasksOnSlurm(ctx: RunContext): readonly TaskOnSlurm[] {
  const { receipts } = taskPaths(ctx.paths);
  const { count } = tasksOrderOf(ctx);
  const seen = listTaskReceipts(receipts, count);
  return Array.from({ length: count }, (_, index) => {
    const names = seen.get(index);
    if (names === undefined) return NO_FACTS;
    const { attempt, started, exited, cancelled } = names;
    const found = exited ? readTaskExit(receipts, index) : null;
    const exit = found?.attempt === (attempt ?? 0) ? found : null;
    return {
      claim: attempt === null ? null : parseTaskClaim(readTextOrNull(join(receipts, taskClaimName(index, attempt)))),
      attempts: attempt === null ? 0 : attempt + 1,
      ...{ started, exit, cancelled },
      ...startOf(started && exit === null ? readTaskStart(receipts, index) : null, attempt),
    };
  });
}

function startOf(start: TaskStart | null, attempt: number | null): Pick<TaskOnSlurm, 'startedAt' | 'startedAttempt'> {
  const { attempt: startedAttempt, started_at: at } = start ?? { attempt: null, started_at: '' };
  return { startedAt: startedAttempt === attempt && !Number.isNaN(Date.parse(at)) ? at : null, startedAttempt };
}
