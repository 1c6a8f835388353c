/** When to ask the queue again. Pure. */

/** Of a run, in any hour: what a site can be asked to bear of every user (X6). */
const MOST_READS_PER_HOUR = 20;
/** Not spent on waiting: the end takes a few looks at the queue, and what is kept for the books. */
const KEPT_FOR_THE_END = 8;
const MOST_FOR_WAITING = MOST_READS_PER_HOUR - KEPT_FOR_THE_END;
/** From this many on, what is left is spread over the rest of the hour, so that there is no long silence at its end. */
const SPREAD_FROM = 10;

const HOUR_MS = 3_600_000;
/** Few steps between the shortest and the longest delay: 5, 15, 45, 135, 300 s. */
const GROWTH = 3;
const JITTER = 0.2;

export interface Polling {
  /** How often the queue was asked in this wait; the delay grows with it. At least 1. */
  readonly poll: number;
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** In [0, 1): so that a hundred runs submitted together do not ask together. */
  readonly jitter: number;
  /** When the scheduler was asked anything for this run, RFC 3339, oldest first. */
  readonly reads: readonly string[];
  /** RFC 3339. */
  readonly now: string;
}

/** Seconds until the next question: never more than 12 in any hour, this one and the earlier ones together. */
export function nextDelay(polling: Polling): number {
  const { poll, minSeconds, maxSeconds, jitter } = polling;
  // Capped before the jitter, which only ever shortens: `maxSeconds` is kept, and so is `minSeconds`.
  const grown = Math.min(maxSeconds, minSeconds * GROWTH ** Math.min(30, Math.max(0, poll - 1)));
  const wanted = Math.max(minSeconds, grown * (1 - JITTER * jitter));
  return Math.max(wanted, withinBudget(polling));
}

/** How often the scheduler may still be asked anything within this hour; negative where it was asked more often. */
export function readsLeft(reads: readonly string[], now: string): number {
  return MOST_READS_PER_HOUR - agesWithinHour(reads, now).length;
}

/**
 * Milliseconds since each read of this hour. One that the clock puts into the future counts as one of this moment; where it
 * is further away than an hour, the clock was set back by so much that the read says nothing about this hour.
 */
function agesWithinHour(reads: readonly string[], now: string): readonly number[] {
  const at = Date.parse(now);
  return reads
    .map((read) => at - Date.parse(read))
    .filter((age) => Math.abs(age) < HOUR_MS)
    .map((age) => Math.max(0, age));
}

/** Of what is left, so much is for the books and the controller, and the last one for other copies of the job. */
export const KEPT_FOR_THE_BOOKS = 5;
const MOST_QUICK = 6;
/** With so much left, nothing has to be saved. */
export const AMPLE = 10;

/**
 * Seconds until the queue is asked again once something speaks for the end of the job: quickly at first, and the fewer
 * questions are left, the more seldom. `quick`: how often this was done. null: as while the job runs.
 */
export function delayNearEnd(quick: number, left: number): number | null {
  if (quick >= MOST_QUICK || left <= KEPT_FOR_THE_BOOKS) return null;
  return left > AMPLE ? 2 ** quick / 2 : 4 ** quick;
}

const LONGEST_WHILE_AWAY = 60;

/**
 * Seconds until a controller that says nothing of a held job is asked again, half a second at first; null: not now, so that
 * enough is left for the job's own end. `asked`: how often this was done.
 */
export function delayWhileAway(asked: number, left: number): number | null {
  return left <= KEPT_FOR_THE_END ? null : Math.min(LONGEST_WHILE_AWAY, GROWTH ** asked / 2);
}

/** RFC 3339: from when on one more question fits into the hour; null: now. */
export function askableFrom(reads: readonly string[], now: string): string | null {
  const left = readsLeft(reads, now);
  if (left > 0) return null;
  const oldestFirst = [...agesWithinHour(reads, now)].sort((a, b) => b - a);
  return new Date(Date.parse(now) - (oldestFirst[-left] ?? 0) + HOUR_MS).toISOString();
}

function withinBudget({ reads, now }: Polling): number {
  const untilFree = agesWithinHour(reads, now)
    .map((age) => HOUR_MS - age)
    .sort((a, b) => a - b);
  const count = untilFree.length;
  // One more fits once enough of the earlier ones are an hour old.
  if (count >= MOST_FOR_WAITING) return (untilFree[count - MOST_FOR_WAITING] ?? HOUR_MS) / 1000;
  if (count < SPREAD_FROM) return 0;
  return (untilFree[0] ?? 0) / 1000 / (MOST_FOR_WAITING - count);
}
