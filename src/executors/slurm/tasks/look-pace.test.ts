import { expect, it } from 'vitest';
import { nextLookMs } from './look-pace.ts';

it.each([
  ['at first', null, { ms: 0, left: 10 }, 1000],
  ['while nothing ends', { ms: 0, left: 10 }, { ms: 1000, left: 10 }, 1000],
  ['while much is left', { ms: 0, left: 900 }, { ms: 1000, left: 600 }, 1000],
  ['if the last ones will have ended sooner', { ms: 0, left: 200 }, { ms: 1000, left: 50 }, 1000 / 3 + 200],
  ['if the last one is about to end', { ms: 0, left: 101 }, { ms: 1000, left: 1 }, 250],
  ['when all have ended', { ms: 0, left: 101 }, { ms: 1000, left: 0 }, 1000],
  ['if a requeued task begins again', { ms: 0, left: 1 }, { ms: 1000, left: 2 }, 1000],
])('looks again %s', (_, before, now, expected) => {
  expect(nextLookMs(before, now)).toBeCloseTo(expected);
});
