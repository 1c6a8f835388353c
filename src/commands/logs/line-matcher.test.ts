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
