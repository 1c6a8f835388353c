/** When to ask the queue again. Pure. */

/** Of a run, in any hour: what a site can be asked to bear of every user (X6). */
const MOST_READS_PER_HOUR = 20;
/** Not spent on waiting: the end takes a last look at the queue, two at the books, and perhaps one at the controller. */
const KEPT_FOR_THE_END = 4;
const MOST_FOR_WAITING = MOST_READS_PER_HOUR - KEPT_FOR_THE_END;
/** From this many on, what is left is spread over the rest of the hour, so that there is no long silence at its end. */
const SPREAD_FROM = 12;

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

/** Seconds until the next question: never more than 16 in any hour, this one and the earlier ones together. */
export function nextDelay(polling: Polling): number {
  const { poll, minSeconds, maxSeconds, jitter } = polling;
  // Capped before the jitter, which only ever shortens: `maxSeconds` is kept, and so is `minSeconds`.
  const grown = Math.min(maxSeconds, minSeconds * GROWTH ** Math.min(30, Math.max(0, poll - 1)));
  const wanted = Math.max(minSeconds, grown * (1 - JITTER * jitter));
  return Math.max(wanted, withinBudget(polling));
}

function withinBudget({ reads, now }: Polling): number {
  const at = Date.parse(now);
  const ages = reads.map((read) => at - Date.parse(read)).filter((age) => age < HOUR_MS);
  // A read that the clock puts into the future counts as one of this moment.
  const untilFree = ages.map((age) => HOUR_MS - Math.max(0, age)).sort((a, b) => a - b);
  const count = untilFree.length;
  // One more fits once enough of the earlier ones are an hour old.
  if (count >= MOST_FOR_WAITING) return (untilFree[count - MOST_FOR_WAITING] ?? HOUR_MS) / 1000;
  if (count < SPREAD_FROM) return 0;
  return (untilFree[0] ?? 0) / 1000 / (MOST_FOR_WAITING - count);
}
