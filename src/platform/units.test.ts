import { describe, expect, it } from 'vitest';
import { bytesText, numberText, secondsText } from './units.ts';

describe('numbers with units', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '0.977 KiB'],
    [1536, '1.5 KiB'],
    [1024 ** 3, '1 GiB'],
    [9.84 * 1024 ** 3, '9.84 GiB'],
    [1023 * 1024 ** 2, '0.999 GiB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });

  it.each([
    [0, '0 s'],
    [0.004, '0 s'],
    [0.42, '0.42 s'],
    [3.14159, '3.14 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [3600, '1 h'],
    [7500, '2 h 5 min'],
    [7 * 86_400 + 3600, '7 d 1 h'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(secondsText(seconds)).toBe(text);
  });

  it.each([
    [0.941_666_666, '0.94167'],
    [1.2e-7, '1.2e-7'],
    [12_345, '12345'],
    [Number.NaN, 'NaN'],
  ])('%d is written %s', (value, text) => {
    expect(numberText(value)).toBe(text);
  });
});
