import { describe, expect, it } from 'vitest';
import type { JobEnd } from './job-end.ts';
import { secondStart, type SecondStartFacts } from './second-start.ts';

const CLAIMED = '2026-11-28T16:00:10.200Z';
const facts: SecondStartFacts = {
  claim: { job_id: '6', restart_count: 0, node: 'n1', claimed_at: CLAIMED },
  receipt: null,
  bootedAt: null,
  seenWaiting: null,
};
const receipt = (exit_code: number, job_id = '6') => ({ job_id, restart_count: 0, exit_code, ended_at: CLAIMED });

/** The record of the start that made the claim: 22.05 writes whole seconds. */
const end: JobEnd = {
  jobId: '6',
  source: 'sacct',
  name: 'autolab-r1-abc',
  state: 'FAILED',
  cancelledBy: null,
  exitCode: '1:0',
  derivedExitCode: '0:0',
  reason: null,
  elapsed: '00:00:05',
  elapsedSeconds: 5,
  timeLimitSeconds: 600,
  cpuSeconds: 0,
  allocatedCpus: 1,
  requestedMemory: null,
  maxRss: null,
  maxRssBytes: null,
  nodes: 'n1',
  partition: 'main',
  preemptedAt: null,
  submittedAt: '2026-11-28T16:00:02.000Z',
  startedAt: '2026-11-28T16:00:10.000Z',
  endedAt: '2026-11-28T16:00:15.000Z',
  steps: [],
  restarts: 0,
};
const LATER = { startedAt: '2026-11-28T16:00:28.000Z', endedAt: '2026-11-28T16:00:28.000Z' };
const batch = (startedAt: string) => [
  { id: '6.batch', state: 'CANCELLED', exitCode: '', cancelledBy: null, startedAt, endedAt: null },
];

describe('secondStart', () => {
  it.each<readonly [string, Partial<JobEnd>, Partial<SecondStartFacts>]>([
    ['98, as a copy does', { exitCode: '98:0', ...LATER }, {}],
    ['98 on a clock that is behind', { exitCode: '98:0', startedAt: '2026-11-28T16:00:01.000Z' }, {}],
    ['98 beside a receipt of the first start', { exitCode: '98:0' }, { receipt: receipt(0) }],
    // Output of 22.05.8 when slurmd refused the second copy of a job that had just ended.
    [
      'a step that began before its job',
      {
        state: 'CANCELLED',
        cancelledBy: '0',
        exitCode: '0:0',
        elapsedSeconds: 0,
        ...LATER,
        steps: batch('2026-11-28T16:00:10.000Z'),
      },
      { receipt: receipt(0) },
    ],
    [
      'a controller that was started in between',
      { state: 'NODE_FAIL', ...LATER },
      { bootedAt: '2026-11-28T16:00:13.000Z' },
    ],
    ['a controller of the same second', { state: 'NODE_FAIL', ...LATER }, { bootedAt: '2026-11-28T16:00:10.000Z' }],
    ['minutes between claim and start', { state: 'TIMEOUT', startedAt: '2026-11-28T16:06:00.000Z' }, {}],
    ['a start that was never made', { state: 'CANCELLED', startedAt: null, nodes: null, elapsedSeconds: 0 }, {}],
    ['a job that was seen to wait again', { state: 'CANCELLED' }, { seenWaiting: 'it waited again' }],
  ])('is one: %s', (_name, change, more) => {
    expect(secondStart({ ...end, ...change }, { ...facts, ...more })).not.toBeNull();
  });

  it.each<readonly [string, Partial<JobEnd>, Partial<SecondStartFacts>]>([
    ['the start that claimed the run', {}, { bootedAt: '2026-11-28T15:00:00.000Z' }],
    [
      'a controller that was started during the run',
      { endedAt: '2026-11-28T16:10:00.000Z' },
      { bootedAt: '2026-11-28T16:05:00.000Z' },
    ],
    ['a node whose clock is behind', { ...LATER, state: 'TIMEOUT' }, { bootedAt: '2026-11-28T15:00:00.000Z' }],
    [
      'a good end, whatever the clocks say',
      { state: 'COMPLETED', exitCode: '0:0', startedAt: '2026-11-28T18:00:00.000Z' },
      {},
    ],
    ['98 of the entrypoint itself', { exitCode: '98:0' }, { receipt: receipt(98) }],
    [
      'an end that the receipt confirms',
      { exitCode: '3:0', ...LATER },
      { receipt: receipt(3), bootedAt: '2026-11-28T16:00:13.000Z' },
    ],
    [
      'an exit code that sacct prints less 128',
      { exitCode: '11:0', ...LATER },
      { receipt: receipt(139), bootedAt: '2026-11-28T16:00:13.000Z' },
    ],
    [
      'another copy of the job',
      { exitCode: '98:0' },
      { claim: { job_id: '7', restart_count: 0, node: 'n1', claimed_at: CLAIMED } },
    ],
    ['no claim', { exitCode: '98:0' }, { claim: null }],
    ['a start that Slurm counts', { exitCode: '98:0', restarts: 1 }, {}],
  ])('is none: %s', (_name, change, more) => {
    expect(secondStart({ ...end, ...change }, { ...facts, ...more })).toBeNull();
  });
});
