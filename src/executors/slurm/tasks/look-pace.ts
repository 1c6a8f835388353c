import type { TasksNow } from '../../../events/events.ts';

/** How soon a driver looks at the receipts of tasks again. Pure. */

/** A look as the next one remembers it: when it was, on the monotonic clock, and how many tasks had no end yet. */
export interface LookedAt {
  readonly ms: number;
  readonly left: number;
}

const LOOK_MS = 1_000;
const SHORTEST_MS = 250;
/** In which an element whose last task has ended leaves the queue. */
const LEAVING_MS = 200;

export function lookedAt({ waiting, running }: TasksNow, ms: number): LookedAt {
  return { ms, left: waiting + running };
}

/** A second; less if the last tasks will have ended before that, at the pace between the last two looks. */
export function nextLookMs(before: LookedAt | null, now: LookedAt): number {
  const ended = before === null ? 0 : before.left - now.left;
  if (before === null || ended <= 0 || now.left === 0) return LOOK_MS;
  const untilEnd = (now.left * (now.ms - before.ms)) / ended;
  return Math.min(LOOK_MS, Math.max(SHORTEST_MS, untilEnd + LEAVING_MS));
}
