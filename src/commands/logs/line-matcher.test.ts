import { expect, it } from 'vitest';
import { lineMatcher, PatternTooSlow } from './line-matcher.ts';

it('the parts of one line have the time of one, and the next line has it anew', () => {
  const matcher = lineMatcher('b$');
  const time = { spentMs: 4000 };

  expect(matcher?.([Buffer.from('ab')], time)).toEqual([true]);
  expect(time.spentMs).toBeGreaterThan(4000);
  time.spentMs = 5000;
  expect(() => matcher?.([Buffer.from('b')], time)).toThrow(PatternTooSlow);

  time.spentMs = 4000;
  expect(matcher?.([Buffer.from('ab\n')], time)).toEqual([true]);
  expect(time.spentMs).toBe(0);
});

it('time in which other programs have the processor does not count', () => {
  const matcher = lineMatcher('b$');
  const time = { spentMs: 4000 };
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const slow = Object.assign(Buffer.from('ab'), { toString: () => Atomics.wait(clock, 0, 0, 1500) });

  expect(matcher?.([slow], time)).toEqual([false]);
  expect(time.spentMs).toBeLessThan(5000);
});
