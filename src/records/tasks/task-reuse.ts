import { canonicalLine } from '../canonical.ts';
import type { TaskEnd, TaskResult } from './task-end.ts';

/** `tasks_reused.jsonl` in the run's folder: the tasks that it takes over from an earlier run, in the order of their indices. Pure. */

export const TASKS_REUSED_FILE = 'tasks_reused.jsonl';

export interface ReusedTask {
  /** In this run. */
  readonly index: number;
  /** In the earlier one. */
  readonly from_index: number;
  /** The run in which it ran: the earlier one may have taken it over, too. */
  readonly reused_from: string;
  /** How it ended there. */
  readonly end: Omit<TaskEnd, 'index'>;
  readonly artifacts: TaskResult['artifacts'];
}

export function formatReusedTasks(tasks: readonly ReusedTask[]): string {
  return tasks.map((task) => `${canonicalLine(task)}\n`).join('');
}

/** Returns null if the text is not such a list. autolab wrote it, and its digest is compared before it is read. */
export function parseReusedTasks(text: string): readonly ReusedTask[] | null {
  const lines = text.split('\n');
  if (lines.pop() !== '') return null;
  try {
    return lines.map((line) => JSON.parse(line) as ReusedTask);
  } catch {
    return null;
  }
}
