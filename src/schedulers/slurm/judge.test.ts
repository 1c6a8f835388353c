import { describe, expect, it } from 'vitest';
import type { EndContext } from './end-context.ts';
import type { JobEnd } from './job-end.ts';
import { judgeEnd } from './judge.ts';

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
  partition: 'main',
  submittedAt: '2026-11-24T11:00:00.000Z',
  startedAt: '2026-11-24T11:00:01.000Z',
  endedAt: '2026-11-24T11:00:04.000Z',
  preemptedAt: null,
  steps: [],
  restarts: 0,
  ...parts,
});
const receipt = (exit_code: number, job_id = '7'): EndContext['receipt'] => ({ job_id, restart_count: 0, exit_code });
const nothing: EndContext = {
  cancelRequested: false,
  codeChanged: null,
  receipt: receipt(0),
  begun: true,
  runStep: { recorded: null, bySrun: false },
  termAsked: false,
  nodeReasons: [],
  stderrTail: null,
  timeLimitSeconds: 60,
};
const step = (
  id: string,
  state: string,
  exitCode: string,
  parts: Partial<JobEnd['steps'][number]> = {},
): JobEnd['steps'][number] => ({
  id,
  state,
  exitCode,
  cancelledBy: null,
  endedAt: '2026-11-24T11:00:04.000Z',
  ...parts,
});
const oomStep = [step('7.0', 'OUT_OF_MEMORY', '0:125')];
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
    ['COMPLETED, a step that failed and was forgiven', { steps: [step('7.0', 'FAILED', '1:0')] }, {}, null],
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
      { codeChanged: ['a.py'], receipt: receipt(97) },
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
      'step 7.0: OUT_OF_MEMORY, exit code 0:125; the job is COMPLETED nevertheless',
    );
    expect(evidence({}, { stderrTail: OOM_22 })).toContain('in the log: slurmstepd-n1: error: Detected 1 oom-kill');
    expect(evidence({}, { receipt: receipt(1) })).toContain('the receipt says exit code 1, Slurm 0:0');
    expect(evidence({}, { receipt: receipt(0, '6') })).toContain('the receipt is of job 6');
    expect(evidence({}, { receipt: null })).toContain('no receipt');
    expect(evidence({}, { cancelRequested: true })).toContain('a cancel was requested');
    expect(evidence({ restarts: 2 })).toContain('started again 2 time(s)');
  });
  /** Answers of 22.05.8, of jobs that were stopped or failed in a step. */
  const bySrun: Partial<EndContext> = { runStep: { recorded: null, bySrun: true } };
  const notice = 'slurmstepd-n1: error: *** STEP 7.0 ON n1 CANCELLED AT 2026-11-28T15:54:12 ***';
  const rank = `srun: error: n2: task 1: Exited with exit code 3
srun: launch/slurm: _step_signal: Terminating StepId=7.0
${notice}
srun: error: n1: task 0: Terminated
srun: Force Terminated StepId=7.0`;
  const preemptedAt = '2026-11-24T11:00:03.000Z';

  it.each<[string, Partial<JobEnd>, Partial<EndContext>, string | null, string]>([
    [
      'a preemption that the entrypoint answered with 0',
      { preemptedAt, steps: [step('7.0', 'COMPLETED', '0:0')] },
      { ...bySrun, stderrTail: notice },
      'slurm.preempted',
      `Slurm gave it notice at ${preemptedAt}. Slurm calls it COMPLETED with exit code 0.`,
    ],
    ['a preemption of a single task', { preemptedAt }, {}, 'slurm.preempted', 'gave it notice'],
    [
      'a run that was stopped, where the controller has forgotten why',
      { steps: [step('7.0', 'COMPLETED', '0:0')] },
      { ...bySrun, stderrTail: notice },
      'slurm.cancelled',
      'The step 7.0, which ran the entrypoint, was cancelled, and not by autolab. Slurm calls it COMPLETED',
    ],
    [
      'a step that the entrypoint started and cancelled itself',
      { derivedExitCode: '0:9', steps: [step('7.0', 'CANCELLED', '0:9', { cancelledBy: '0' })] },
      { stderrTail: `${notice}\nsrun: error: n1: task 0: Killed` },
      null,
      'completed',
    ],
    [
      'a step of the activation that was cancelled',
      {
        steps: [
          step('7.0', 'CANCELLED', '0:9', { endedAt: '2026-11-24T11:00:02.000Z' }),
          step('7.1', 'COMPLETED', '0:0'),
        ],
      },
      { ...bySrun, stderrTail: notice },
      null,
      'completed',
    ],
    [
      'a step that is not the one which the job recorded',
      { steps: [step('7.0', 'COMPLETED', '0:0'), step('7.1', 'CANCELLED', '0:9')] },
      { runStep: { recorded: '7.0', bySrun: true }, stderrTail: notice.replace('7.0', '7.1') },
      null,
      'completed',
    ],
    [
      'an earlier start that was preempted',
      { restarts: 1, steps: [step('7.0', 'COMPLETED', '0:0')] },
      {
        ...bySrun,
        stderrTail: `${notice}\n${notice.replace(/ \*{3}$/, ' DUE TO PREEMPTION ***')}\nsrun: error: n1: task 0: Terminated`,
      },
      null,
      'completed',
    ],
    [
      'a start after a preempted one, stopped itself',
      { restarts: 1, steps: [step('7.0', 'COMPLETED', '0:0')] },
      { ...bySrun, stderrTail: `${notice.replace(/ \*{3}$/, ' DUE TO PREEMPTION ***')}\n${notice}` },
      'slurm.cancelled',
      'step 7.0',
    ],
    ['SIGTERM that the script asked for', {}, { ...bySrun, termAsked: true, stderrTail: notice }, null, 'completed'],
    [
      'FAILED: the first task that failed, not the one that was ended for it',
      { state: 'FAILED', exitCode: '15:0', derivedExitCode: '3:0', steps: [step('7.0', 'FAILED', '3:0')] },
      { ...bySrun, receipt: receipt(143), stderrTail: rank },
      'slurm.failed',
      'n2: task 1: Exited with exit code 3',
    ],
    [
      'FAILED: a task that crashed',
      { state: 'FAILED', exitCode: '15:0', steps: [step('7.0', 'CANCELLED', '0:11')] },
      {
        ...bySrun,
        receipt: receipt(143),
        stderrTail: rank.replace('Exited with exit code 3', 'Segmentation fault (core dumped)'),
      },
      'slurm.signal',
      'task 1: Segmentation fault',
    ],
    [
      'FAILED: only sacct knows of the task',
      { state: 'FAILED', exitCode: '15:0', steps: [step('7.0', 'FAILED', '3:0')] },
      { ...bySrun, receipt: receipt(143) },
      'slurm.failed',
      'a task of step 7.0 ended with exit code 3',
    ],
    [
      'FAILED: a preemption, and a task that saved and left',
      { state: 'FAILED', exitCode: '7:0', preemptedAt, steps: [step('7.0', 'FAILED', '7:0')] },
      { ...bySrun, receipt: receipt(7), stderrTail: `${notice}\nsrun: error: n2: task 1: Exited with exit code 7` },
      'slurm.preempted',
      'FAILED with exit code 7:0',
    ],
    [
      'FAILED: the step was cancelled by a user',
      { state: 'FAILED', exitCode: '9:0', steps: [step('7.0', 'CANCELLED', '0:9', { cancelledBy: '1000' })] },
      { ...bySrun, receipt: receipt(137), stderrTail: `${notice}\nsrun: error: n1: tasks 0-1: Killed` },
      'slurm.cancelled',
      'The step 7.0, which ran the entrypoint, was cancelled by user 1000',
    ],
    [
      'FAILED: a step that the entrypoint started failed first',
      { state: 'FAILED', exitCode: '1:0', steps: [step('7.0', 'FAILED', '3:0')] },
      { receipt: receipt(1), stderrTail: rank },
      'slurm.failed',
      'The job ended with exit code 1.',
    ],
    [
      'CANCELLED: a prolog that failed',
      { state: 'CANCELLED', cancelledBy: '0', elapsedSeconds: 0 },
      { begun: false, receipt: null, stderrTail: 'Error running slurm prolog: 1\n' },
      'slurm.start_failed',
      'The job could not start on n1: the log says "Error running slurm prolog: 1". Its script did not begin.',
    ],
    [
      'CANCELLED: a node that was taken out of service for it',
      { state: 'CANCELLED', cancelledBy: '0', elapsedSeconds: 7 },
      { begun: false, receipt: null, nodeReasons: ['Node n1 was taken out of service at x: "Prolog error" (root)'] },
      'slurm.start_failed',
      'Node n1 was taken out of service at x: "Prolog error" (root).',
    ],
    [
      'CANCELLED: by user 0 in the moment of the start',
      { state: 'CANCELLED', cancelledBy: '0', elapsedSeconds: 0 },
      { begun: false, receipt: null },
      'slurm.start_failed',
      "an administrator's scancel at that moment looks the same",
    ],
    [
      'TIMEOUT: of a job that its node refused',
      { state: 'TIMEOUT' },
      { begun: false, receipt: null, nodeReasons: ['Node n1 was taken out of service at x: "Duplicate jobid" (root)'] },
      'slurm.start_failed',
      'running on n1 until its time limit, and its script did not begin. Node n1 was taken out of service at x',
    ],
    [
      'TIMEOUT: of a job whose claim is gone',
      { state: 'TIMEOUT', steps: [step('7.batch', 'CANCELLED', '0:15')] },
      { begun: false, receipt: null },
      'slurm.timeout',
      'reached its time limit of 60 s',
    ],
    [
      'CANCELLED: by a user in the moment of the start',
      { state: 'CANCELLED', cancelledBy: '1000', elapsedSeconds: 0 },
      { begun: false, receipt: null },
      'slurm.cancelled',
      'by user 1000 before the first line of its script',
    ],
    [
      'CANCELLED: by user 0, of a job that ran',
      { state: 'CANCELLED', cancelledBy: '0', elapsedSeconds: 0 },
      {},
      'slurm.cancelled',
      'by user 0 (an administrator, or Slurm itself), and not by autolab',
    ],
  ])('%s', (_name, facts, context, code, words) => {
    const verdict = judgeEnd(end(facts), { ...nothing, ...context });
    expect([verdict.code, verdict.message]).toEqual([code, expect.stringContaining(words)]);
  });

  it('shows what decided nothing', () => {
    const lines = evidence({}, { stderrTail: `${notice}\nsrun: error: n1: task 0: Killed` });
    expect(lines).toContain(`in the log: ${notice}`);
    expect(lines).toContain('in the log: n1: task 0: Killed');
    expect(evidence({ preemptedAt })).toContain(`preempted at ${preemptedAt}`);
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
