import type { TaskEnd, TaskResult } from './task-end.ts';

/** What a run says of all its tasks: as small with 10,000 as with two. Pure. */

export interface AmountSummary {
  readonly sum: number;
  readonly max: number;
  readonly median: number;
}

export interface TaskFailure {
  readonly index: number;
  readonly params: Readonly<Record<string, string>>;
  readonly state: string;
  readonly code: string | null;
  readonly message: string | null;
}

export interface TasksResult {
  /** Of `tasks_result.jsonl`. */
  readonly sha256: string;
  readonly by_state: Readonly<Record<string, number>>;
  /** Of those that did not complete. */
  readonly by_code: Readonly<Record<string, number>>;
  /** Null if no task says it. */
  readonly wall_seconds: AmountSummary | null;
  readonly cpu_seconds: AmountSummary | null;
  readonly max_rss_bytes: AmountSummary | null;
  readonly first_failures: readonly TaskFailure[];
  /** Tasks whose outputs are another run's. */
  readonly reused: number;
}

const MOST_FAILURES = 20;

export function countsBy<Item>(items: readonly Item[], keyOf: (item: Item) => string | null): Record<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const key = keyOf(item);
    if (key !== null) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

export function tasksResult(sha256: string, results: readonly TaskResult[]): TasksResult {
  const failures = results.filter(({ state }) => state !== 'completed');
  return {
    sha256,
    by_state: countsBy(results, ({ state }) => state),
    by_code: countsBy(failures, ({ code }) => code),
    wall_seconds: amounts(results, ({ wall_seconds }) => wall_seconds),
    cpu_seconds: amounts(results, ({ cpu_seconds }) => cpu_seconds),
    max_rss_bytes: amounts(results, ({ max_rss_bytes }) => max_rss_bytes),
    first_failures: failures.slice(0, MOST_FAILURES).map(failureOf),
    reused: results.filter(({ reused_from }) => reused_from !== null).length,
  };
}

/** Characters of a value or a message: the whole is in `tasks_result.jsonl`. */
const LONGEST = 200;

function failureOf({ index, params, state, code, message }: TaskResult): TaskFailure {
  const cut = (text: string): string =>
    text.length <= LONGEST ? text : `${Array.from(text).slice(0, LONGEST).join('')}…`;
  const values = Object.entries(params).map(([name, value]) => [name, cut(value)] as const);
  return { index, params: Object.fromEntries(values), state, code, message: message === null ? null : cut(message) };
}

function amounts(ends: readonly TaskEnd[], of: (end: TaskEnd) => number | null): AmountSummary | null {
  const values = ends
    .map(of)
    .filter((value) => value !== null)
    .sort((a, b) => a - b);
  if (values.length === 0) return null;
  const sum = values.reduce((total, value) => total + value, 0);
  return { sum: Math.round(sum * 1000) / 1000, max: values.at(-1) ?? 0, median: values[values.length >> 1] ?? 0 };
}
