import { describe, expect, it } from 'vitest';
import type { Seen } from './process-look.ts';
import { knownStrangers, NO_STRANGERS, strangersIn } from './strangers.ts';

const one = (pid: number, mark: Seen['mark'] = 'no'): Seen => ({
  pid,
  parent: 1,
  group: pid,
  session: pid,
  startTime: String(pid),
  cpuTicks: 0,
  rssBytes: 0,
  ofKernel: false,
  isStopped: false,
  isExiting: false,
  mark,
});
const OURS = one(10);
const SEEN = [one(2, 'older'), one(5), OURS, one(11, 'becoming'), one(12, 'hidden')];
const FIRST = strangersIn(SEEN, [OURS], { newest: 20, at: 1000 });

const knownAt = (newest: number | null, at: number) => [...knownStrangers(FIRST, { newest, at }).keys()];

describe("processes that are not the run's", () => {
  it("are known again, but neither the run's own nor one that becomes another program", () => {
    expect(knownAt(20, 2000)).toEqual([2, 5, 12]);
  });

  it('are known after others began', () => {
    expect(knownAt(25, 2000)).toEqual([2, 5, 12]);
  });

  it.each([
    ['the kernel began its numbers anew', 4, 2000],
    ['too long a time went by', 20, 9500],
    ['the kernel does not say which pid is the newest', null, 2000],
  ])('are all looked at again if %s', (_why, newest, at) => {
    expect(knownAt(newest, at)).toEqual([]);
  });

  it('are looked at again if their pid was given away', () => {
    const { processes } = strangersIn([one(22), one(30)], [], { newest: 20, at: 0 });
    expect([...knownStrangers({ processes, as: { newest: 20, at: 0 } }, { newest: 25, at: 0 }).keys()]).toEqual([30]);
  });

  it('are none at first', () => {
    expect(knownStrangers(NO_STRANGERS, { newest: 5, at: 0 }).size).toBe(0);
  });
});
