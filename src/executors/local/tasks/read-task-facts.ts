import { join } from 'node:path';
import { readTextOrNull } from '../../../platform/files.ts';
import { sha256 } from '../../../platform/ids.ts';
import type { RunPaths } from '../../../records/paths.ts';
import { type KnownTask, parseTaskExits } from '../../../records/tasks/task-exits.ts';
import { STOP_FILE, taskPaths } from '../../../records/tasks/task-files.ts';
import { listTaskReceipts, readTaskExit } from '../../../run/tasks/look.ts';
import { type Exit, TASK_EXITS_FILE } from '../../../schedulers/local/receipt.ts';
import type { EndsContext, LeftOfTask } from './task-ends.ts';

/** What is left of each task of a run that has ended: what its supervisor knew, else what the receipts say. */
export function readTaskFacts(paths: RunPaths, count: number, exit: Exit | null): readonly LeftOfTask[] {
  const { receipts } = taskPaths(paths);
  const listed = listTaskReceipts(receipts, count);
  const known = exit === null ? null : knownTasks(paths, exit);
  return Array.from({ length: count }, (_, index) => {
    const names = listed.get(index);
    const cancelled = names?.cancelled ?? false;
    if (known !== null) {
      const task = known.get(index);
      return { index, claimed: task !== undefined, started: task !== undefined, cancelled, exit: task?.exit ?? null };
    }
    const started = names?.started ?? false;
    const left = names?.exited === true ? readTaskExit(receipts, index) : null;
    const claimed = started || left !== null || (names?.attempt ?? null) !== null;
    return { index, claimed, started, cancelled, exit: left };
  });
}

/** Null if its file is not what the supervisor wrote. */
function knownTasks(paths: RunPaths, exit: Exit): ReadonlyMap<number, KnownTask> | null {
  // It wrote none, because it claimed none.
  if (exit.tasks === undefined) return new Map();
  const text = readTextOrNull(join(paths.receipt, TASK_EXITS_FILE));
  if (text === null || sha256(text) !== exit.tasks.exits_sha256) return null;
  const tasks = parseTaskExits(text);
  return tasks === null ? null : new Map(tasks.map((task) => [task.index, task]));
}

/** Why nothing more was to begin. */
export function readStop(paths: RunPaths): EndsContext['stopped'] {
  const text = readTextOrNull(join(taskPaths(paths).receipts, STOP_FILE));
  if (text === null) return null;
  return text.includes('"max_failures"') ? 'max_failures' : 'cancelled';
}
