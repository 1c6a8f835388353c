import { describe, expect, it } from 'vitest';
import { readMemory } from './memory.ts';

describe('readMemory', () => {
  it.each([
    ['4000', 4000],
    ['4000M', 4000],
    ['4G', 4096],
    ['4g', 4096],
    ['1T', 1_048_576],
    ['512K', 1],
    ['1025K', 2],
    ['64GB', 65_536],
    ['300MB', 300],
    ['2tb', 2_097_152],
    ['0', 0],
    ['0G', 0],
  ])('%s is %i MB', (text, megabytes) => {
    expect(readMemory(text)).toEqual({ ok: true, megabytes });
  });

  it.each([
    ['4GiB', '"4G"'],
    ['4 GB', '"4G"'],
    ['4B', 'K, M, G or T'],
    ['4 GiB', '"4G"'],
    ['1.5G', '"1536M"'],
    ['0.5GB', '"512M"'],
    ['-1', 'K, M, G or T'],
    ['lots', 'K, M, G or T'],
    ['', 'K, M, G or T'],
    ['4G\n--x', 'K, M, G or T'],
    ['99999999T', 'any machine'],
  ])('refuses %j and says what to write', (text, advice) => {
    const reading = readMemory(text);
    expect(reading.ok ? '' : reading.message).toContain(advice);
  });
});
