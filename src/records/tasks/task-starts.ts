import type { TaskEnd } from './task-end.ts';
import type { TaskExit } from './task-receipt.ts';

/** What every maker of a task's end takes from its receipts. Pure. */

export interface ClaimedStarts {
  /** Attempts that somebody claimed. */
  readonly claims: number;
  /** Of the last attempt; null if it left none. */
  readonly exit: TaskExit | null;
  /** There is a receipt of a start. */
  readonly started: boolean;
  /** The attempt that this receipt is of; null if it does not say. */
  readonly startedAttempt: number | null;
}

/** How often the task was started: a claim whose command was not started is no attempt. */
export function startsOf({ claims, exit, started, startedAttempt }: ClaimedStarts): number {
  if (claims === 0) return 0;
  if (exit !== null) return exit.started_at === null ? claims - 1 : claims;
  // A requeued task has the receipt of its attempt before until it begins again.
  const began = started && (claims === 1 || startedAttempt === claims - 1);
  return began ? claims : claims - 1;
}

export type MeasuredByReceipt = Pick<
  TaskEnd,
  'exit_code' | 'signal' | 'started_at' | 'ended_at' | 'wall_seconds' | 'cpu_seconds' | 'max_rss_bytes'
>;

export const NOTHING_MEASURED: MeasuredByReceipt = {
  ...{ exit_code: null, signal: null, started_at: null, ended_at: null },
  ...{ wall_seconds: null, cpu_seconds: null, max_rss_bytes: null },
};

/** What the receipt of an end says of the task itself: nothing if it did not begin. */
export function measuredBy(exit: TaskExit | null): MeasuredByReceipt {
  if (exit === null || exit.started_at === null) return NOTHING_MEASURED;
  const { exit_code, signal, started_at, ended_at, wall_seconds, cpu_seconds, max_rss_bytes } = exit;
  return { exit_code, signal, started_at, ended_at, wall_seconds, cpu_seconds, max_rss_bytes };
}
