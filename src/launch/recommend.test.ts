import { describe, expect, it } from 'vitest';
import { formatDuration, formatMemory, moreMemory, moreTime, roundedDuration, roundedMemoryMb } from './recommend.ts';

describe('advice', () => {
  it('rounds as a person would, and never down', () => {
    expect([61, 3600, 3601, 90_000].map(roundedDuration)).toEqual([120, 3600, 5400, 172_800]);
    expect([100, 1000, 1025, 3000].map(roundedMemoryMb)).toEqual([128, 1024, 2048, 3072]);
  });
  it('writes in forms that a design takes', () => {
    expect([90, 3600, 90_061].map(formatDuration)).toEqual(['00:01:30', '01:00:00', '1-01:01:01']);
    expect([512, 2048].map(formatMemory)).toEqual(['512M', '2G']);
  });
  it('says twice the time, and twice what was asked or used', () => {
    expect(moreTime('it', '00:01:00', 60).suggested).toBe('00:02:00');
    expect(moreMemory('it', '1G', 1024, 0).suggested).toBe('2G');
    expect(moreMemory('it', null, null, 700 * 1024 * 1024).suggested).toBe('2G');
  });
});
