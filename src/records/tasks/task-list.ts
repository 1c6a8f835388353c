import { sha256 } from '../../platform/ids.ts';
import { canonicalLine } from '../canonical.ts';

/** `tasks.jsonl` in the run's folder: one line a task, in the order of their indices. Pure. */

export interface Task {
  /** From 0. */
  readonly index: number;
  /** Name → value, as the design writes it. */
  readonly params: Readonly<Record<string, string>>;
}

export interface TaskList {
  /** Of the parameters, in the order of the design. */
  readonly names: readonly string[];
  readonly tasks: readonly Task[];
}

export const TASK_LIST_FILE = 'tasks.jsonl';

export function formatTaskList(tasks: readonly Task[]): string {
  return tasks.map(({ index, params }) => `${canonicalLine({ index, params })}\n`).join('');
}

export function taskListDigest(tasks: readonly Task[]): string {
  return sha256(formatTaskList(tasks));
}

/** Returns null if the text is not such a list. */
export function parseTaskList(text: string): readonly Task[] | null {
  const lines = text.split('\n');
  if (lines.pop() !== '') return null;
  try {
    const tasks = lines.map((line) => JSON.parse(line) as Task);
    return tasks.every((task, at) => task.index === at && typeof task.params === 'object') ? tasks : null;
  } catch {
    return null;
  }
}

/** What a parameter's values are, for the record. */
export interface ParameterRange {
  readonly name: string;
  /** Different ones. */
  readonly values: number;
  /** As written, of the smallest and the largest; null unless all are numbers. */
  readonly min: string | null;
  readonly max: string | null;
}

export function parameterRanges({ names, tasks }: TaskList): readonly ParameterRange[] {
  return names.map((name) => {
    const values = [...new Set(tasks.map(({ params }) => params[name] ?? ''))];
    const sorted = values.every(isNumber) ? values.sort((a, b) => Number(a) - Number(b)) : [];
    return { name, values: values.length, min: sorted[0] ?? null, max: sorted.at(-1) ?? null };
  });
}

function isNumber(text: string): boolean {
  return text.trim() !== '' && Number.isFinite(Number(text));
}
