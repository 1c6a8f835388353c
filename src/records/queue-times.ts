import { ended } from './projection-task.ts';
import type { RunView } from './run-view.ts';

/** How long a run waited for its start, and how long it ran. Pure. */
export interface QueueTimes {
  /** RFC 3339; null if the entrypoint has not begun, or nothing says when. */
  readonly began_at: string | null;
  /** In the scheduler's queue; null for a run without a job. */
  readonly queued_seconds: number | null;
  readonly running_seconds: number | null;
}

/** `at`: what a run that is open is measured to. */
export function queueTimes(view: RunView, at: string): QueueTimes {
  const { job, closed } = view;
  const began = ended(view)?.started_at ?? view.started?.started_at ?? null;
  return {
    began_at: began,
    queued_seconds: job === null ? null : secondsBetween(job.at, began ?? closed?.at ?? at),
    running_seconds: runningSeconds(view, began, at),
  };
}

/** As it was measured; else between two times, unless nobody saw the end. */
function runningSeconds(view: RunView, began: string | null, at: string): number | null {
  const end = ended(view);
  if (end?.used?.wall_seconds !== undefined && end.used.wall_seconds !== null) return end.used.wall_seconds;
  const last = end === null && view.closed === null ? at : (end?.ended_at ?? null);
  return began === null || last === null ? null : secondsBetween(began, last);
}

/** In tenths. Clocks of two hosts differ: never below 0. */
export function secondsBetween(from: string, to: string): number {
  return Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 100) / 10);
}
