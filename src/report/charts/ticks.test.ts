import { expect, it } from 'vitest';
import { fc } from '../../../test/support/properties.ts';
import { axisOf } from './axis.ts';
import { log10Of } from './log10.ts';
import { decadesOf, decimalText, ticksOf } from './ticks.ts';

const labelsOf = (low: number, high: number, most = 5): readonly string[] =>
  ticksOf({ low, high }, { most, ends: true }).ticks.map(({ label }) => label);

it('ticks are round, and as exact as their step', () => {
  expect(labelsOf(0, 1)).toEqual(['0.0', '0.2', '0.4', '0.6', '0.8', '1.0']);
  expect(labelsOf(0.31, 0.68)).toEqual(['0.3', '0.4', '0.5', '0.6', '0.7']);
  expect(labelsOf(-3, 12)).toEqual(['−5', '0', '5', '10', '15']);
  expect(labelsOf(0, 1200)).toEqual(['0', '500', '1000', '1500']);
  expect(labelsOf(7, 7)).toEqual(['2', '4', '6', '8', '10', '12']);
  expect(decimalText(-7, -2)).toBe('−0.07');
});

it('long labels lose their zeros to a power of ten', () => {
  expect(ticksOf({ low: 0, high: 300_000 }, { most: 5 })).toMatchObject({ power: 3 });
  expect(axisOf({ low: 0, high: 2e-7, unit: 'number', most: 5, ends: true }).words).toBe('×10⁻⁹');
  expect(axisOf({ low: 0, high: 4e6, unit: 'whole', most: 5, ends: false }).words).toBe('×10⁶');
});

it('an axis has the unit that suits it', () => {
  const wordsOf = (high: number, unit: 'bytes' | 'seconds'): string =>
    axisOf({ low: 0, high, unit, most: 5, ends: true }).words;
  expect([wordsOf(1, 'seconds'), wordsOf(600, 'seconds'), wordsOf(604_800, 'seconds')]).toEqual(['s', 'min', 'days']);
  expect([wordsOf(500, 'bytes'), wordsOf(1e6, 'bytes'), wordsOf(5e9, 'bytes')]).toEqual(['B', 'MiB', 'GiB']);
});

it('a logarithmic axis goes from power to power of ten', () => {
  const axis = axisOf({ low: 0.002, high: 30, unit: 'number', most: 6, ends: true, log: true });
  expect(axis.words).toBe('log scale');
  expect(axis.ticks.map(({ label }) => label)).toEqual(['10⁻³', '10⁻²', '10⁻¹', '10⁰', '10¹', '10²']);
  expect(axis.along(0.001)).toBe(0);
  expect(axis.along(100)).toBe(1);
  expect(decadesOf({ low: 1e-30, high: 1e30 }, 6).ticks.length).toBeLessThanOrEqual(7);
});

it('the logarithm is right to the last digits', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-290, max: 1e290, noNaN: true }), (value) => {
      expect(Math.abs(log10Of(value) - Math.log10(value))).toBeLessThan(1e-12 * 290);
    }),
  );
});

it('whatever the values, an axis has a few ticks, and its ends hold them', () => {
  const value = fc.double({ min: -1e280, max: 1e280, noNaN: true });
  fc.assert(
    fc.property(value, value, fc.constantFrom('number', 'whole', 'bytes', 'seconds'), (a, b, unit) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      const axis = axisOf({ low, high, unit, most: 5, ends: true });
      expect(axis.ticks.length).toBeGreaterThanOrEqual(2);
      expect(axis.ticks.length).toBeLessThanOrEqual(8);
      expect(axis.along(low)).toBeGreaterThanOrEqual(-1e-6);
      expect(axis.along(high)).toBeLessThanOrEqual(1 + 1e-6);
    }),
  );
});
