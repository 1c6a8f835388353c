import type { TaskStateNow } from '../../run/tasks/look.ts';
import type { RowMetrics } from '../runs/metrics.ts';

/** One task of the list. */
export interface TaskRow extends RowMetrics {
  readonly index: number;
  /** Name → value, as the design writes it. */
  readonly params: Readonly<Record<string, string>>;
  /** Of a run that is open: `waiting`, `running`, or how it ended, as its receipt says. */
  readonly state: TaskStateNow | 'not_started' | 'end_unknown';
  /** Null if it completed, or the run has not judged it yet. */
  readonly code: string | null;
  readonly message: string | null;
  /** Starts. */
  readonly attempts: number;
  /** What runs it: `local`, or the element of the array; null if it was not started. */
  readonly owner: string | null;
  readonly node: string | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly wall_seconds: number | null;
  readonly cpu_seconds: number | null;
  readonly max_rss_bytes: number | null;
  /** Its outputs; null if it left none, or the run is open. */
  readonly artifacts: { readonly sha256: string; readonly files: number; readonly bytes: number } | null;
  /** The run whose outputs these are; null if it ran here. */
  readonly reused_from: string | null;
}

/** Without what it measured. */
export type UnmeasuredTask = Omit<TaskRow, keyof RowMetrics>;

/** Key by key: for 10,000 tasks, spreads of so many keys take longer than all of the reading. Pure. */
export function withMetrics(task: UnmeasuredTask, { metric, metrics }: RowMetrics): TaskRow {
  const { index, params, state, code, message, attempts, owner, node, exit_code, signal, started_at, ended_at } = task;
  const { wall_seconds, cpu_seconds, max_rss_bytes, artifacts, reused_from } = task;
  // prettier-ignore
  return {
    index, params, state, code, message, attempts, owner, node, exit_code, signal, started_at, ended_at,
    wall_seconds, cpu_seconds, max_rss_bytes, artifacts, reused_from, metric, metrics,
  };
}
