import { describe, expect, it } from 'vitest';
import type { JobEnd } from './job-end.ts';
import { judgeEnd, type EndContext } from './judge.ts';

const end = (parts: Partial<JobEnd>): JobEnd => ({
  jobId: '7',
  source: 'sacct',
  name: 'k',
  state: 'COMPLETED',
  cancelledBy: null,
  exitCode: '0:0',
  derivedExitCode: '0:0',
  reason: null,
  elapsed: '00:00:03',
  elapsedSeconds: 3,
  timeLimitSeconds: 60,
  cpuSeconds: 1,
  allocatedCpus: 1,
  requestedMemory: null,
  maxRss: null,
  maxRssBytes: null,
  nodes: 'n1',
  submittedAt: '2026-11-24T11:00:00.000Z',
  startedAt: '2026-11-24T11:00:01.000Z',
  endedAt: '2026-11-24T11:00:04.000Z',
  steps: [],
  restarts: 0,
  ...parts,
});
const receipt = (exit_code: number, job_id = '7'): EndContext['receipt'] => ({ job_id, restart_count: 0, exit_code });
const nothing: EndContext = {
  cancelRequested: false,
  codeChanged: false,
  receipt: receipt(0),
  stderrTail: null,
  timeLimitSeconds: 60,
};
const oomStep = [{ id: '7.0', state: 'OUT_OF_MEMORY', exitCode: '0:125' }];
/** As 22.05.8 and 23.11 write it. */
const OOM_22 =
  'slurmstepd-n1: error: Detected 1 oom-kill event(s) in StepId=7.0. Some of your processes may have been killed by the cgroup out-of-memory handler.';
const OOM_23 =
  'slurmstepd: error: Detected 1 oom_kill event in StepId=7.batch. Some of the step tasks have been OOM Killed.';
const OVER = 'slurmstepd: error: Step 7.0 exceeded memory limit (409600 > 102400), being killed';
const OVER_JOB = 'slurmstepd: error: Exceeded job memory limit at some point.';
const LIMIT = 'slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-24T11:00:00 DUE TO TIME LIMIT ***';

describe('judgeEnd', () => {
  it.each<[string, Partial<JobEnd>, Partial<EndContext>, string | null]>([
    ['a good end', {}, {}, null],
    ['a good end without a receipt', {}, { receipt: null }, null],
    ['a good end, and a cancel that came too late', {}, { cancelRequested: true }, null],
    ['COMPLETED with an exit code', { exitCode: '3:0' }, {}, 'slurm.failed'],
    ['COMPLETED with a signal', { exitCode: '0:9' }, {}, 'slurm.signal'],
    ['COMPLETED with what cannot be read', { exitCode: '' }, {}, 'slurm.unknown_state'],
    ['COMPLETED, a step out of memory', { derivedExitCode: '0:125', steps: oomStep }, {}, 'slurm.out_of_memory'],
    ['COMPLETED, an OOM line of 22.05', {}, { stderrTail: `a\n${OOM_22}\nb` }, 'slurm.out_of_memory'],
    ['COMPLETED, an OOM line of 23.11', {}, { stderrTail: OOM_23 }, 'slurm.out_of_memory'],
    ['COMPLETED, over its memory', {}, { stderrTail: OVER_JOB }, 'slurm.out_of_memory'],
    ['COMPLETED, an OOM line of another job', {}, { stderrTail: OOM_23.replace('=7', '=70') }, null],
    ['COMPLETED, a program that speaks of OOM', {}, { stderrTail: 'my oom_kill event: exceeded memory limit' }, null],
    ['COMPLETED, ended at its limit', {}, { stderrTail: LIMIT }, 'slurm.timeout'],
    [
      'COMPLETED, a step that failed and was forgiven',
      { steps: [{ id: '7.0', state: 'FAILED', exitCode: '1:0' }] },
      {},
      null,
    ],
    ['COMPLETED, another receipt', {}, { receipt: receipt(1) }, null],
    ['TIMEOUT, with exit code 0', { state: 'TIMEOUT' }, {}, 'slurm.timeout'],
    ['OUT_OF_MEMORY', { state: 'OUT_OF_MEMORY', exitCode: '0:125' }, {}, 'slurm.out_of_memory'],
    ['OUT_OF_MEMORY with exit code 0', { state: 'OUT_OF_MEMORY' }, {}, 'slurm.out_of_memory'],
    ['CANCELLED by autolab', { state: 'CANCELLED', cancelledBy: '0' }, { cancelRequested: true }, 'run.cancelled'],
    ['CANCELLED from outside', { state: 'CANCELLED', cancelledBy: '0' }, {}, 'slurm.cancelled'],
    ['NODE_FAIL without a receipt', { state: 'NODE_FAIL' }, { receipt: null }, 'slurm.node_fail'],
    ['PREEMPTED', { state: 'PREEMPTED' }, {}, 'slurm.preempted'],
    ['BOOT_FAIL', { state: 'BOOT_FAIL' }, {}, 'slurm.boot_fail'],
    ['DEADLINE', { state: 'DEADLINE' }, {}, 'slurm.deadline'],
    ['REVOKED', { state: 'REVOKED' }, {}, 'slurm.revoked'],
    ['a state that nobody knows', { state: 'EATEN' }, {}, 'slurm.unknown_state'],
    ['a state that is no end', { state: 'RUNNING' }, {}, 'slurm.unknown_state'],
    ['no state', { state: '' }, {}, 'slurm.unknown_state'],
    ['FAILED with an exit code', { state: 'FAILED', exitCode: '3:0' }, { receipt: receipt(3) }, 'slurm.failed'],
    ['FAILED with exit code 0', { state: 'FAILED' }, {}, 'slurm.failed'],
    ['FAILED with what cannot be read', { state: 'FAILED', exitCode: '' }, {}, 'slurm.failed'],
    ['FAILED by a signal', { state: 'FAILED', exitCode: '0:11' }, {}, 'slurm.signal'],
    [
      'FAILED, killed for memory without cgroups',
      { state: 'FAILED', exitCode: '0:9' },
      { stderrTail: OVER },
      'slurm.out_of_memory',
    ],
    ['FAILED, the OOM signal', { state: 'FAILED', exitCode: '0:125' }, {}, 'slurm.out_of_memory'],
    [
      'FAILED after a child was killed for memory',
      { state: 'FAILED', exitCode: '137:0', steps: oomStep },
      {},
      'slurm.out_of_memory',
    ],
    ['FAILED at its limit', { state: 'FAILED', exitCode: '143:0' }, { stderrTail: LIMIT }, 'slurm.timeout'],
    ['FAILED without log files', { state: 'FAILED', exitCode: '0:53' }, { receipt: null }, 'slurm.failed'],
    [
      'FAILED before it started',
      { state: 'FAILED', exitCode: '1:0', startedAt: null, nodes: null, elapsedSeconds: 0 },
      { receipt: null },
      'slurm.refused',
    ],
    [
      'other code than was approved',
      { state: 'FAILED', exitCode: '97:0' },
      { codeChanged: true, receipt: receipt(97) },
      'slurm.code_changed',
    ],
    ["a program's own 97", { state: 'FAILED', exitCode: '97:0' }, { receipt: receipt(97) }, 'slurm.failed'],
    ['the fence', { state: 'FAILED', exitCode: '98:0' }, { receipt: null }, 'slurm.not_owner'],
    [
      "the fence, with the owner's receipt",
      { state: 'FAILED', exitCode: '98:0' },
      { receipt: receipt(0, '6') },
      'slurm.not_owner',
    ],
    [
      'the fence, with the receipt of an earlier start',
      { state: 'FAILED', exitCode: '98:0', restarts: 1 },
      { receipt: receipt(143) },
      'slurm.not_owner',
    ],
    ["a program's own 98", { state: 'FAILED', exitCode: '98:0' }, { receipt: receipt(98) }, 'slurm.failed'],
  ])('%s', (_name, facts, context, code) => {
    const verdict = judgeEnd(end(facts), { ...nothing, ...context });
    expect(verdict.code).toBe(code);
    expect(verdict.message).toMatch(/^The .*\.$|^A .*\.$/);
  });

  const evidence = (facts: Partial<JobEnd>, context: Partial<EndContext> = {}): string =>
    judgeEnd(end(facts), { ...nothing, ...context }).evidence.join('\n');

  it('shows conflicts instead of smoothing them over (X5)', () => {
    expect(evidence({ steps: oomStep, derivedExitCode: '0:125' })).toContain(
      'step 7.0: OUT_OF_MEMORY, exit code 0:125; the job is COMPLETED all the same',
    );
    expect(evidence({}, { stderrTail: OOM_22 })).toContain('in the log: slurmstepd-n1: error: Detected 1 oom-kill');
    expect(evidence({}, { receipt: receipt(1) })).toContain('the receipt says exit code 1, Slurm 0:0');
    expect(evidence({}, { receipt: receipt(0, '6') })).toContain('the receipt is of job 6');
    expect(evidence({}, { receipt: null })).toContain('no receipt');
    expect(evidence({}, { cancelRequested: true })).toContain('a cancel was asked for');
    expect(evidence({ restarts: 2 })).toContain('started again 2 time(s)');
  });
  it('explains numbers', () => {
    expect(evidence({ state: 'FAILED', exitCode: '143:0' })).toContain('signal 15 (SIGTERM)');
    expect(evidence({ state: 'FAILED', exitCode: '0:53' })).toContain('does the log folder exist');
    expect(judgeEnd(end({ state: 'FAILED', exitCode: '0:9' }), nothing).message).toContain('signal 9 (SIGKILL)');
    expect(
      judgeEnd(
        end({ state: 'CANCELLED', cancelledBy: '1000', startedAt: null, nodes: null, elapsedSeconds: 0 }),
        nothing,
      ).message,
    ).toBe('The job was cancelled by user 1000 before it started, and not by autolab.');
    expect(judgeEnd(end({ state: 'TIMEOUT' }), nothing).message).toContain('60 s');
  });
  it('has nothing to add to a good end', () => {
    expect(evidence({})).toBe('');
  });
});
