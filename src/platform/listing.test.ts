import { expect, it } from 'vitest';
import { andMore, besides, firstFew } from './listing.ts';

it('names the first few, and counts the rest', () => {
  expect(firstFew(['a', 'b', 'c'], 3)).toBe('a, b, c');
  expect(firstFew(['a', 'b', 'c', 'd'], 2)).toBe('a, b and 2 more');
  expect([andMore(0), andMore(1), besides(-1), besides(2)]).toEqual(['', ' and 1 more', '', ' (and 2 more)']);
});
