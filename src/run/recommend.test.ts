import { describe, expect, it } from 'vitest';
import { formatDuration, formatMemory, moreMemory, moreTime, roundedDuration, roundedMemoryMb } from './recommend.ts';

describe('advice', () => {
  it('rounds to usual numbers, and never down', () => {
    expect([61, 3600, 3601, 90_000].map(roundedDuration)).toEqual([120, 3600, 5400, 172_800]);
    expect([1, 100, 101, 801, 1025, 1537, 3000, 9000, 20_000, 130_000].map(roundedMemoryMb)).toEqual([
      60, 100, 150, 1024, 1536, 2048, 3072, 12_288, 24_576, 131_072,
    ]);
  });
  it('writes in forms that a design takes', () => {
    expect([90, 3600, 90_061].map(formatDuration)).toEqual(['00:01:30', '01:00:00', '1-01:01:01']);
    expect([512, 2048].map(formatMemory)).toEqual(['512M', '2G']);
  });
  it('says twice the time, and twice what was asked or used', () => {
    expect(moreTime('it', '00:01:00', 60).suggested).toBe('00:02:00');
    expect(moreMemory('it', '1G', 1024, 0).suggested).toBe('2G');
    expect(moreMemory('it', null, null, 700 * 1024 * 1024).suggested).toBe('1536M');
    expect(moreMemory('it', '200M', 200, 0).suggested).toBe('400M');
    expect(moreMemory('it', '3G', 3072, 0).suggested).toBe('6G');
  });
  it('says why it cannot say more: no log, a log without a count, or a count that says too little', () => {
    expect(moreTime('it', null, 60).why).toMatch(/since no log says how far it was$/);
    expect(moreTime('it', null, 60, 'step 30\n').why).toMatch(/has neither a count such as 3\/10 nor a percentage$/);
    expect(moreTime('it', null, 60, 'step 1/100000\n').why).toMatch(
      /since the last count in its log is "step 1\/100000"$/,
    );
  });
  it('says what the rounded number is', () => {
    expect(moreTime('it', null, 70)).toMatchObject({
      suggested: '00:03:00',
      why: expect.stringContaining('this is more than twice that') as string,
    });
    expect(moreTime('it', null, 60).why).toContain('this is twice that');
    expect(moreMemory('it', '128M', 128, 0)).toMatchObject({
      suggested: '300M',
      why: expect.stringContaining('more than twice its limit') as string,
    });
  });
  it('takes the time from how far the log says the run got', () => {
    const advice = moreTime('it', '01:00:00', 3600, 'epoch 1/10\nepoch 2/10\n');
    // Five hours for the whole, and a quarter more.
    expect(advice.suggested).toBe('08:00:00');
    expect(advice.why).toContain('"epoch 2/10"');
    expect(moreTime('it', '01:00:00', 3600, '95%').suggested).toBe('01:30:00');
  });
  it.each(['', 'no word of it', '100%', '1%'])('takes twice the time if the log says too little: %j', (log) => {
    expect(moreTime('it', '01:00:00', 3600, log).suggested).toBe('02:00:00');
  });
  it('takes twice the memory if nothing was measured', () => {
    expect(moreMemory('it', '4G', 4096, null)).toMatchObject({
      suggested: '8G',
      why: expect.stringContaining('not measured') as string,
    });
    expect(moreMemory('it', null, null, null).suggested).toBeNull();
  });
});
