import { expect, it } from 'vitest';
import { growingDelay, grown } from './growing-delay.ts';

it('doubles up to its limit, and stays there', () => {
  const first = growingDelay(1_000, 5_000);
  const second = grown(first);
  const third = grown(second);
  const fourth = grown(third);

  expect([first, second, third, fourth, grown(fourth)].map(({ ms }) => ms)).toEqual([
    1_000, 2_000, 4_000, 5_000, 5_000,
  ]);
});
