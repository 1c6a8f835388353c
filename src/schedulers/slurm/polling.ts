/** When to ask the queue again. Pure. */

/** Questions per run in any hour: a load that a site can bear from every user (X6). */
const MOST_READS_PER_HOUR = 20;
/** Not spent on waiting: the end needs a few looks at the queue, and some questions to accounting. */
const KEPT_FOR_THE_END = 8;
const MOST_FOR_WAITING = MOST_READS_PER_HOUR - KEPT_FOR_THE_END;
/**
 * From this many on, the remaining questions are spread over the rest of the hour, to avoid a long silence at its end.
 */
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
  /** In [0, 1): prevents a hundred runs that were submitted together from asking together. */
  readonly jitter: number;
  /** When the scheduler was asked anything for this run, RFC 3339, oldest first. */
  readonly reads: readonly string[];
  /** RFC 3339. */
  readonly now: string;
}

/** Seconds until the next question: never more than 12 in any hour, counting this one and the earlier ones. */
export function nextDelay(polling: Polling): number {
  const { poll, minSeconds, maxSeconds, jitter } = polling;
  // Capped before the jitter, which only shortens the delay: `maxSeconds` and `minSeconds` both hold.
  const grown = Math.min(maxSeconds, minSeconds * GROWTH ** Math.min(30, Math.max(0, poll - 1)));
  const wanted = Math.max(minSeconds, grown * (1 - JITTER * jitter));
  return Math.max(wanted, withinBudget(polling));
}

/** How often the scheduler may still be asked within this hour; negative if it was asked more often. */
export function readsLeft(reads: readonly string[], now: string): number {
  return MOST_READS_PER_HOUR - agesWithinHour(reads, now).length;
}

/**
 * Milliseconds since each question of this hour. One that lies in the clock's future counts as new; one more than an
 * hour in the future shows that the clock was set back so far that it says nothing about this hour.
 */
function agesWithinHour(reads: readonly string[], now: string): readonly number[] {
  const at = Date.parse(now);
  return reads
    .map((read) => at - Date.parse(read))
    .filter((age) => Math.abs(age) < HOUR_MS)
    .map((age) => Math.max(0, age));
}

/**
 * These many of the remaining questions are for accounting and the controller, and the last one for other copies of the
 * job.
 */
export const KEPT_FOR_THE_BOOKS = 5;
/** The run is closed only after a look for other copies of the job. */
export const KEPT_FOR_STRAYS = 1;
const MOST_QUICK = 6;
/** With this many left, no saving is needed. */
export const AMPLE = 10;

/**
 * Seconds until the queue is asked again after a sign of the job's end: soon at first, and less often as fewer
 * questions are left. `quick`: how often this was done. null means: as while the job runs.
 */
export function delayNearEnd(quick: number, left: number): number | null {
  if (quick >= MOST_QUICK || left <= KEPT_FOR_THE_BOOKS) return null;
  return left > AMPLE ? 2 ** quick / 2 : 4 ** quick;
}

const LONGEST_WHILE_AWAY = 60;

/**
 * Seconds until a controller that does not answer about a held job is asked again, half a second at first; null means
 * not now, to leave enough questions for the job's own end. `asked`: how often this was done.
 */
export function delayWhileAway(asked: number, left: number): number | null {
  return left <= KEPT_FOR_THE_END ? null : Math.min(LONGEST_WHILE_AWAY, GROWTH ** asked / 2);
}

/** RFC 3339: when one more question fits into the hour; null means now. */
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
