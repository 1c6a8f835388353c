import { describe, expect, it } from 'vitest';
import { fc } from '../../../test/support/properties.ts';
import { askableFrom, delayNearEnd, delayWhileAway, nextDelay, readsLeft } from './polling.ts';

const START = Date.parse('2026-11-24T00:00:00.000Z');
const iso = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
const delay = (poll: number, jitter: number, reads: readonly number[] = [], now = 0): number =>
  nextDelay({ poll, minSeconds: 5, maxSeconds: 300, jitter, reads: reads.map(iso), now: iso(now) });

describe('nextDelay', () => {
  it('grows from the shortest to the longest', () => {
    expect([1, 2, 3, 4, 5, 6, 1000].map((poll) => delay(poll, 0))).toEqual([5, 15, 45, 135, 300, 300, 300]);
  });
  it('lets chance shorten it, by a fifth at most and never below the shortest', () => {
    expect(delay(5, 0.999)).toBeCloseTo(240, 0);
    expect(delay(1, 0.999)).toBe(5);
  });
  it('spreads what is left of the hour', () => {
    const reads = Array.from({ length: 10 }, (_, index) => index * 20);
    expect(delay(1, 0, reads, 280)).toBe((3600 - 280) / 2);
  });
  it('waits for the hour to pass', () => {
    const reads = Array.from({ length: 16 }, (_, index) => index);
    // Five of them must be an hour old before a twelfth fits.
    expect(delay(1, 0, reads, 100)).toBe(3600 - 100 + 4);
  });

  it('never asks more than 12 times in any hour, whatever was asked before (X6)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 0, max: 300 }),
        fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 60, maxLength: 60 }),
        (minSeconds, more, chances) => {
          const reads: number[] = [];
          let at = 0;
          chances.forEach((jitter, index) => {
            at += nextDelay({
              poll: index + 1,
              minSeconds,
              maxSeconds: minSeconds + more,
              jitter,
              reads: reads.map(iso),
              now: iso(at),
            });
            // Like a real clock: whole milliseconds, and never early.
            at = Math.ceil(at * 1000) / 1000;
            reads.push(at);
          });
          for (const read of reads)
            expect(reads.filter((other) => other <= read && other > read - 3600).length).toBeLessThanOrEqual(12);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('readsLeft', () => {
  it('forgets what a clock that was set back by more than an hour puts into the future', () => {
    const reads = Array.from({ length: 30 }, (_, index) => iso(86_400 + index));
    expect(readsLeft(reads, iso(0))).toBe(20);
    expect(askableFrom(reads, iso(0))).toBeNull();
    expect(delay(1, 0, [86_400, 86_500], 0)).toBe(5);
  });
  it('has to wait for no longer than an hour where the clock was set back by less', () => {
    const reads = Array.from({ length: 20 }, (_, index) => iso(1800 + index));
    expect(askableFrom(reads, iso(0))).toBe(iso(3600));
  });
  it('counts those of the last hour, and of the future', () => {
    expect(readsLeft([], iso(0))).toBe(20);
    expect(readsLeft([-3600, -3599, -1, 5].map(iso), iso(0))).toBe(17);
    expect(
      readsLeft(
        Array.from({ length: 22 }, () => iso(0)),
        iso(1),
      ),
    ).toBe(-2);
  });
});

describe('delayWhileAway', () => {
  it('is quick at first, asks a handful of times in two minutes, and leaves what the end takes', () => {
    expect([0, 1, 2, 3, 4, 5, 99].map((asked) => delayWhileAway(asked, 18))).toEqual([
      0.5, 1.5, 4.5, 13.5, 40.5, 60, 60,
    ]);
    expect([delayWhileAway(0, 9), delayWhileAway(0, 8)]).toEqual([0.5, null]);
  });
});

describe('askableFrom', () => {
  const reads = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => iso(index));
  it('is now where something is left, and otherwise when enough of the hour has passed', () => {
    expect(askableFrom(reads(19), iso(60))).toBeNull();
    expect(askableFrom(reads(20), iso(60))).toBe(iso(3600));
    expect(askableFrom(reads(22), iso(60))).toBe(iso(3602));
    expect(askableFrom(reads(20), iso(3600))).toBeNull();
  });
});

describe('delayNearEnd', () => {
  const delays = (left: number): readonly number[] => {
    const all: number[] = [];
    for (let next = delayNearEnd(0, left); next !== null; next = delayNearEnd(all.length, left - all.length))
      all.push(next);
    return all;
  };
  it('is quick where much is left', () => {
    expect(delays(19)).toEqual([0.5, 1, 2, 4, 8, 16]);
  });
  it('leaves questions for accounting', () => {
    expect(delays(9)).toEqual([1, 4, 16, 64]);
    expect(delays(7)).toEqual([1, 4]);
    expect(delays(5)).toEqual([]);
  });
});
