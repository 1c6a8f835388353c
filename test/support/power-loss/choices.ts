import { randomFrom } from '../campaign.ts';
import type { Choice } from './disk.ts';

/** What a crash leaves of what was not flushed: the ends of the range, and a seeded mix of all that lies between. */

const NO_BYTES = { whole: 0, part: 0, zeros: false };

export const NOTHING: Choice = { names: () => false, bytes: () => NO_BYTES };

export const EVERYTHING: Choice = { names: () => true, bytes: (count) => ({ whole: count, part: 0, zeros: false }) };

/** As after a rename without a flush of the file. */
export const NAMES_ONLY: Choice = { names: () => true, bytes: () => NO_BYTES };

/** With even seeds names arrive in order, as with a journal of the file system; with odd ones each for itself. */
export function mixed(seed: number): Choice {
  const random = randomFrom(seed);
  const share = random();
  const inOrder = seed % 2 === 0;
  let stopped = false;
  return {
    names: () => {
      const arrived = random() < share;
      if (inOrder && !arrived) stopped = true;
      return inOrder ? !stopped : arrived;
    },
    bytes: (count) => ({
      whole: random() < share ? count : Math.floor(random() * (count + 1)),
      part: random() < 0.5 ? 0 : random(),
      zeros: random() < 0.25,
    }),
  };
}
