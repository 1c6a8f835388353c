import { join } from 'node:path';
import { exists, readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import type { TaskEnd } from '../../records/tasks/task-end.ts';
import { taskClaimName, taskExitName, taskPaths } from '../../records/tasks/task-files.ts';
import { parseTaskClaim } from '../../records/tasks/task-receipt.ts';
import { parseReusedTasks, type ReusedTask, TASKS_REUSED_FILE } from '../../records/tasks/task-reuse.ts';
import { readTaskReceipt } from './look.ts';

/** The tasks of a run whose outputs are an earlier run's. */

type Place = Pick<RunPaths, 'folder' | 'receipt'>;

/** Those that it is to take over; empty if it takes over none. Null if the list is not what the journal says. */
export function readReusedTasks(paths: Place, { reuse }: Pick<TasksOrder, 'reuse'>): readonly ReusedTask[] | null {
  if (reuse === undefined) return [];
  const text = readTextOrNull(join(paths.folder, TASKS_REUSED_FILE));
  return text === null || sha256(text) !== reuse.sha256 ? null : parseReusedTasks(text);
}

/** Those that it has taken over, by index: their claims, which are made last, say so, and nothing starts them. */
export function takenOverTasks(paths: Place, order: Pick<TasksOrder, 'reuse'>): ReadonlyMap<number, ReusedTask> {
  const { receipts } = taskPaths(paths);
  const taken = (readReusedTasks(paths, order) ?? []).filter(({ index }) => isTakenOver(receipts, index));
  return new Map(taken.map((task) => [task.index, task]));
}

export function isTakenOver(receipts: string, index: number): boolean {
  const claim = parseTaskClaim(readTaskReceipt(receipts, taskClaimName(index, 0)));
  return claim?.kind === 'reused' && exists(join(receipts, taskExitName(index)));
}

/** A task that was taken over ended as it did where it ran. Pure. */
export function withTakenOver(ends: readonly TaskEnd[], taken: ReadonlyMap<number, ReusedTask>): readonly TaskEnd[] {
  return ends.map((end) => {
    const task = taken.get(end.index);
    return task === undefined ? end : { ...task.end, index: end.index };
  });
}
