import { describe, expect, it } from 'vitest';
import { type Kin, kinOf, nextKin } from './kin.ts';
import type { Seen } from './process-look.ts';

/** A process as seen; its session is its own unless the test says otherwise. */
const one = (pid: number, parts: Partial<Seen> = {}): Seen => ({
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
  mark: 'no',
  ...parts,
});
const LEADER = { pid: 10, startTime: '10' };

function after(kin: Kin, seen: readonly Seen[], at = 0, spare: readonly number[] = []) {
  const { kin: next, members } = nextKin(kin, { seen, at, spare });
  return { next, pids: members.map(({ pid }) => pid).sort((a, b) => a - b) };
}

describe('what belongs to a run', () => {
  it.each<[string, readonly Seen[], readonly number[]]>([
    [
      'the leader, its session and its descendants',
      [one(10), one(11, { session: 10 }), one(12, { parent: 11 })],
      [10, 11, 12],
    ],
    ['a process with the mark, and its descendants', [one(20, { mark: 'yes' }), one(21, { parent: 20 })], [20, 21]],
    ['the session of a leader that is gone', [one(11, { session: 10 })], [11]],
    ['a session that a marked process began', [one(20, { mark: 'yes' }), one(21, { session: 20 })], [20, 21]],
    [
      'a session of which only a marked member is left',
      [one(22, { session: 20, mark: 'yes' }), one(23, { session: 20 })],
      [22, 23],
    ],
    ['not the login session in which somebody set the mark', [one(20), one(22, { session: 20, mark: 'yes' })], [22]],
    ['not its older members', [one(22, { session: 20, mark: 'yes' }), one(5, { session: 20, mark: 'older' })], [22]],
    [
      'not those without a session of this namespace',
      [one(22, { session: 0, mark: 'yes' }), one(23, { session: 0 })],
      [22],
    ],
    ['not a stranger with the pid of the leader', [one(10, { startTime: '99' }), one(11, { session: 10 })], []],
    ['not strangers', [one(30), one(31, { mark: 'hidden' })], []],
  ])('%s', (_name, seen, pids) => {
    expect(after(kinOf(LEADER, 0), seen).pids).toEqual(pids);
  });

  it('is never who looks', () => {
    expect(after(kinOf(LEADER, 0), [one(10), one(40, { mark: 'yes' })], 0, [40]).pids).toEqual([10]);
  });

  it('is recognised later, whatever became of its parent and session', () => {
    const { next } = after(kinOf(LEADER, 0), [one(10), one(11, { parent: 10 }), one(12, { session: 11 })]);
    expect(after(next, [one(11, { parent: 1 }), one(12, { session: 11 })]).pids).toEqual([11, 12]);
    expect(after(next, [one(13, { session: 11 })]).pids).toEqual([13]);
    expect(after(next, [one(11, { startTime: '99' })]).pids).toEqual([]);
  });

  it('is not whoever has the number of a session that was remembered long ago', () => {
    const { next } = after(kinOf(LEADER, 0), [one(11, { session: 10 })]);
    expect(after(next, [one(12, { session: 10 })], 9_000).pids).toEqual([12]);
    expect(after(next, [one(12, { session: 10 })], 11_000).pids).toEqual([]);
  });
});
