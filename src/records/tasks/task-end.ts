import type { Code } from '../../errors/catalog.ts';
import { canonicalLine } from '../canonical.ts';

/** How tasks end: a line a task, in the order of their indices. Pure. */

export const TASK_STATES = [
  'completed',
  'failed',
  'cancelled',
  /** Nothing of it was ever started. */
  'not_started',
  /** It began, and nothing says how it ended: it is never run again by itself. */
  'end_unknown',
] as const;
export type TaskEndState = (typeof TASK_STATES)[number];

/** One line of `receipt/task_ends.jsonl`. */
export interface TaskEnd {
  readonly index: number;
  readonly state: TaskEndState;
  /** Null if it completed. */
  readonly code: Code | null;
  /** One sentence; null if it completed. */
  readonly message: string | null;
  /** Starts; 0 if it was never started. */
  readonly attempts: number;
  /** Who ran it: `local`, or the element of the array, such as `700001_3`; null if nobody. */
  readonly owner: string | null;
  readonly node: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly wall_seconds: number | null;
  readonly cpu_seconds: number | null;
  readonly max_rss_bytes: number | null;
}

/** One line of `tasks_result.jsonl`: the end with what the task was and left. */
export interface TaskResult extends TaskEnd {
  readonly params: Readonly<Record<string, string>>;
  /** Of the outputs in its folder, as `artifacts.sha256` has them; null if it left none. */
  readonly artifacts: { readonly sha256: string; readonly files: number; readonly bytes: number } | null;
  /** The run whose outputs these are; null if it ran here. */
  readonly reused_from: string | null;
}

export function formatTaskLines(lines: readonly (TaskEnd | TaskResult)[]): string {
  return lines.map((line) => `${canonicalLine(line)}\n`).join('');
}

export function parseTaskEnds(text: string): readonly TaskEnd[] | null {
  return parseLines(text);
}

export function parseTaskResults(text: string): readonly TaskResult[] | null {
  return parseLines(text) as readonly TaskResult[] | null;
}

/** autolab wrote the file, and its digest is compared before it is read. */
function parseLines(text: string): readonly TaskEnd[] | null {
  const lines = text.split('\n');
  if (lines.pop() !== '') return null;
  try {
    const ends = lines.map((line) => JSON.parse(line) as TaskEnd);
    return ends.every(({ index, state }, at) => index === at && TASK_STATES.includes(state)) ? ends : null;
  } catch {
    return null;
  }
}
