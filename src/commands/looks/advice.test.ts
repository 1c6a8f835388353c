import { describe, expect, it } from 'vitest';
import { adviceFrom, type AskedLimits, type UsedRun } from './advice.ts';

const GIB = 1024 * 1024 * 1024;
const ASKED: AskedLimits = { time_seconds: 14_400, memory_mb: 65_536, cpus: 8, spread: false };

function ran(parts: Partial<UsedRun> = {}): UsedRun {
  return {
    end: 'completed',
    time_limit_seconds: 14_400,
    running_seconds: 10_000,
    memory_limit_mb: 65_536,
    peak_memory_bytes: 50 * GIB,
    cpus: 8,
    cpu_seconds: 70_000,
    ...parts,
  };
}
const times = (count: number, parts: Partial<UsedRun>): readonly UsedRun[] =>
  Array.from({ length: count }, () => ran(parts));
const said = (runs: readonly UsedRun[], asked: Partial<AskedLimits> = {}): readonly string[] =>
  adviceFrom(runs, { ...ASKED, ...asked }).map(({ resource, suggested }) => `${resource} ${suggested}`);

describe('advice from what runs used', () => {
  it('names what was asked, what was used, and what would do', () => {
    expect(adviceFrom(times(6, { peak_memory_bytes: 9.8 * GIB }), ASKED)).toEqual([
      { resource: 'memory', suggested: '12G', why: 'asked 64G, used at most 9.8G in 6 runs', runs: 6 },
    ]);
  });

  it.each<[string, readonly UsedRun[], Partial<AskedLimits>, readonly string[]]>([
    ['well used', times(6, {}), {}, []],
    ['too few runs', times(2, { peak_memory_bytes: GIB, running_seconds: 60 }), {}, []],
    ['short runs', times(3, { running_seconds: 1000, cpu_seconds: 7000 }), {}, ['time 00:30:00']],
    [
      'one run decides upwards',
      [...times(5, { peak_memory_bytes: GIB }), ran({ peak_memory_bytes: 60 * GIB })],
      {},
      ['memory 96G'],
    ],
    [
      'out of memory once',
      [...times(3, {}), ran({ end: 'out_of_memory', peak_memory_bytes: null })],
      {},
      ['memory 128G'],
    ],
    ['out of memory with less than now', times(3, { end: 'out_of_memory', memory_limit_mb: 1024 }), {}, []],
    ['out of time', [ran({ end: 'timeout' })], {}, ['time 08:00:00']],
    ['close to the limit', [ran({ running_seconds: 14_000 })], {}, ['time 06:00:00']],
    ['no limit', times(6, { peak_memory_bytes: GIB }), { time_seconds: null, memory_mb: null, cpus: null }, []],
    ['all the memory of a node', times(6, { peak_memory_bytes: GIB }), { memory_mb: 0 }, []],
    ['several nodes', times(6, { peak_memory_bytes: GIB, cpu_seconds: 100 }), { spread: true }, []],
    ['idle processors', times(3, { cpu_seconds: 9000 }), {}, ['cpus 1']],
    ['not measured', times(6, { peak_memory_bytes: null, running_seconds: null, cpu_seconds: null }), {}, []],
    ['failed runs', times(6, { end: 'failed', peak_memory_bytes: GIB, running_seconds: 60 }), {}, []],
    ['a saving that is not worth it', times(6, { peak_memory_bytes: 0.1 * GIB }), { memory_mb: 600 }, []],
  ])('%s', (_what, runs, asked, expected) => {
    expect(said(runs, asked)).toEqual(expected);
  });
});
