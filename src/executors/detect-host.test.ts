import { describe, expect, it } from 'vitest';
import { hostSchema, type Probe } from '../records/manifest-schema.ts';
import { judgeProbes, unreachedProbes } from './detect-host.ts';
import { EXECUTORS } from './table.ts';

const good = (...argv: string[]): Probe => ({
  argv,
  exit_code: 0,
  signal: null,
  timed_out: false,
  spawn_error: null,
  stdout: 'slurm 22.05.8\n',
  stderr: '',
  duration_ms: 1,
  at: '2026-11-24T03:15:00.000Z',
});
const missing = (...argv: string[]): Probe => ({
  ...good(...argv),
  exit_code: null,
  spawn_error: 'ENOENT',
  stdout: '',
});
const failing = (...argv: string[]): Probe => ({ ...good(...argv), exit_code: 1, stdout: '' });
const hung = (...argv: string[]): Probe => ({ ...good(...argv), exit_code: null, timed_out: true, stdout: '' });
const all = { hostname: good('hostname'), sinfo: good('sinfo', '-V'), squeue: good('squeue', '-V') };

describe('judgeProbes (R5)', () => {
  it.each([
    ['both succeed', all, 'slurm', null],
    ['one is missing', { ...all, squeue: missing('squeue', '-V') }, 'local', null],
    ['one fails', { ...all, sinfo: failing('sinfo', '-V') }, 'local', null],
    ['one hangs', { ...all, sinfo: hung('sinfo', '-V') }, null, 'host.probe_hung'],
    [
      'one hangs and one is missing',
      { ...all, sinfo: hung('sinfo', '-V'), squeue: missing('squeue', '-V') },
      null,
      'host.probe_hung',
    ],
    ['hostname fails', { ...all, hostname: failing('hostname') }, null, 'host.unresolved'],
  ] as const)('%s', (_name, probes, mode, code) => {
    const { record, failure } = judgeProbes(probes, 'auto');
    expect(record.mode).toBe(mode);
    expect(failure?.code ?? null).toBe(code);
    expect(record.probes).toBe(probes);
  });

  it('says what a probe that hangs has said', () => {
    const sinfo = { ...hung('sinfo', '-V'), stderr: 'sinfo: error: cannot stat file /s.conf, retrying in 1sec\n' };

    expect(judgeProbes({ ...all, sinfo }, 'auto').failure?.message).toContain(
      '`sinfo -V` did not answer within 10 s (sinfo: error: cannot stat file /s.conf, retrying in 1sec)',
    );
  });

  it('lets launch.yaml overrule, and keeps what the probes alone said', () => {
    const { record, failure } = judgeProbes(all, 'local');
    expect(record).toMatchObject({ mode: 'local', overruled_by: 'host_mode: local' });
    expect(record.reason).toContain('the probes alone say slurm');
    expect(failure).toBeNull();
  });
});

describe('the probes', () => {
  it('are those that the record of a host names', () => {
    const names = Object.keys(hostSchema.shape.probes.shape);

    expect(Object.keys(unreachedProbes('away'))).toEqual(names);
  });

  it('leave the last executor of the table to every host, and no other one', () => {
    const without = [...EXECUTORS.values()].filter(({ hostProbes }) => Object.keys(hostProbes).length === 0);

    expect(without).toEqual([[...EXECUTORS.values()].at(-1)]);
  });
});
