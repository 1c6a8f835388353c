import { describe, expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { readDuration } from './durations.ts';

describe('readDuration', () => {
  it.each([
    ['30', 1800],
    ['90:00', 5400],
    ['0:30', 30],
    ['00:30:00', 1800],
    ['25:00:00', 90_000],
    ['1-0', 86_400],
    ['2-12', 216_000],
    ['1-00:30', 88_200],
    ['1-00:00:30', 86_430],
  ])('%s is %i seconds', (text, seconds) => {
    expect(readDuration(text)).toEqual({ ok: true, seconds });
  });

  it.each([
    '',
    '0',
    '00:00:00',
    '0-0',
    '-5',
    '1.5',
    '1h',
    '1:2:3:4',
    '1-',
    '1-2-3',
    ' 30',
    '30\n',
    '１０',
    '9999999999',
    '99999-00',
    'UNLIMITED',
    '1e3',
    '0x10',
  ])('refuses %j with advice', (text) => {
    const reading = readDuration(text);
    expect(reading.ok).toBe(false);
    expect(!reading.ok && reading.message).toMatch(/^(?:must|is) /);
  });

  it('counts every field of the longest form', () => {
    const field = fc.integer({ min: 1, max: 999 });
    fc.assert(
      fc.property(field, field, field, field, (days, hours, minutes, seconds) => {
        const total = days * 86_400 + hours * 3600 + minutes * 60 + seconds;
        expect(readDuration(`${days}-${hours}:${minutes}:${seconds}`)).toEqual({
          ok: true,
          seconds: total,
        });
      }),
    );
  });
});
