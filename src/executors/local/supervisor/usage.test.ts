import { expect, it } from 'vitest';
import { affordable } from './usage.ts';

it.each([
  [0.2, 1000],
  [1, 1000],
  [3, 3000],
  [40, 5000],
])('a sample that takes %d ms of a core is taken again after %d ms', (taken, delay) => {
  expect(affordable(taken)).toBe(delay);
});
