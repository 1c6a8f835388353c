import { numberOrNull, objectOrNull, parseObject, textOrNull } from '../../platform/json-object.ts';
import { type TaskExit, taskExitIn } from './task-receipt.ts';

/** `receipt/task_exits.jsonl` of a local run: what its supervisor knows of every task that it claimed. Pure. */

export interface KnownTask {
  readonly index: number;
  readonly claimed_at: string;
  /** Null if it began, and nothing says how it ended. */
  readonly exit: TaskExit | null;
}

export function formatTaskExits(tasks: readonly KnownTask[]): string {
  return tasks.map((task) => `${JSON.stringify(task)}\n`).join('');
}

/** Null if it is not such a text. */
export function parseTaskExits(text: string): readonly KnownTask[] | null {
  const tasks = text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine);
  return tasks.every((task) => task !== null) ? tasks : null;
}

function parseLine(line: string): KnownTask | null {
  const fields = parseObject(line);
  const index = numberOrNull(fields?.['index']);
  const claimed_at = textOrNull(fields?.['claimed_at']);
  if (fields === null || index === null || claimed_at === null) return null;
  const { exit } = fields;
  return { index, claimed_at, exit: exit === null ? null : taskExitIn(objectOrNull(exit)) };
}
