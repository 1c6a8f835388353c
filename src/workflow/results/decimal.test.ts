import { describe, expect, it } from 'vitest';
import { fc } from '../../../test/support/properties.ts';
import { decimalDifference, writtenDifference } from './decimal.ts';

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });

describe('decimalDifference', () => {
  it.each([
    [0.3, 0.2, 0.1],
    [0.54, 0.44, 0.1],
    [1, 0.9, 0.1],
    [-0.2, 0.1, -0.3],
    [1e21, 1, 1e21 - 1],
    [1.5e-7, 0.5e-7, 1e-7],
    [0, -0, 0],
    [5e-324, 5e-324, 0],
  ])('%d - %d is %d', (left, right, expected) => {
    expect(decimalDifference(left, right)).toBe(expected);
  });

  it('is null if no number can hold it', () => {
    expect(decimalDifference(1.7e308, -1.7e308)).toBeNull();
  });

  it('is 0 of equal numbers, has the sign of the order, and changes it with the order', () => {
    fc.assert(
      fc.property(finite, finite, (left, right) => {
        expect(decimalDifference(left, left)).toBe(0);
        const there = decimalDifference(left, right);
        const back = decimalDifference(right, left);
        if (there === null || back === null) return;
        expect(there + back).toBe(0);
        if (left !== right) expect(there > 0).toBe(left > right);
      }),
    );
  });

  it('is the sum that people write', () => {
    const cents = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(cents, cents, (a, b) => {
        expect(decimalDifference(a / 100, b / 100)).toBe((a - b) / 100 + 0);
      }),
    );
  });
});

describe('writtenDifference', () => {
  it.each<[number | string, number | string, string]>([
    [0.3, 0.2, '0.1'],
    [0.2, 0.3, '-0.1'],
    ['12345678901234567890', 12345678901234567000, '890'],
    ['-0.12345678901234567891', 0, '-0.12345678901234567891'],
    [1700000123.5, 1e-12, '1700000123.499999999999'],
    [1e300, -0.1, '1e+300'],
    [0.5, 0.5, '0'],
  ])('%s - %s is %s', (left, right, expected) => {
    expect(writtenDifference(left, right)).toBe(expected);
  });
});
