import { describe, expect, it } from 'vitest';
import { accountingArgv } from '../../../src/schedulers/slurm/accounting.ts';
import { configArgv } from '../../../src/schedulers/slurm/config.ts';
import { bootTime, judgeNode, showNodeArgv } from '../../../src/schedulers/slurm/node-report.ts';
import { queueArgv } from '../../../src/schedulers/slurm/queue.ts';
import { releaseArgv, scancelArgv } from '../../../src/schedulers/slurm/scontrol.ts';
import { until } from '../../support/project.ts';
import { ask, books, detail, held, KEY, log, lookup, queue, ran, submission, submit } from './asking.ts';
import { FakeSlurm } from './fake.ts';

/** The stand-in's faults against its specification, SPEC.md. */

describe('faults of sbatch', () => {
  it.each([
    [{ fault: 'accepted_killed' }, 'unknown', 1],
    [{ fault: 'accepted_timeout' }, 'unknown', 1],
    [{ fault: 'accepted_silent' }, 'unknown', 1],
    [{ fault: 'accepted_twice' }, 'accepted', 2],
    [{ fault: 'lost_timeout' }, 'unknown', 0],
    [{ fault: 'unreachable' }, 'unknown', 0],
    [{ fault: 'killed' }, 'unknown', 0],
    [{ fault: 'lost_silent' }, 'unknown', 0],
    [{ fault: 'refused' }, 'refused', 0],
    [{ fault: 'plugin', text: 'No project.\nAsk us.' }, 'refused', 0],
    [{ fault: 'cli_filter', text: 'Not so.' }, 'refused', 0],
    [{ fault: 'busy' }, 'accepted', 1],
    [{ fault: 'stderr_noise' }, 'accepted', 1],
    [{ fault: 'banner' }, 'accepted', 1],
    [{ fault: 'exit_status', status: 1 }, 'accepted', 1],
  ])('%j', async (fault, kind, jobs) => {
    const fake = new FakeSlurm({}, [{ command: 'sbatch', nth: 1, ...fault }]);
    expect((await submission(fake, { hold: true })).kind).toBe(kind);
    expect(await lookup(fake)).toEqual(
      jobs === 0 ? { kind: 'none' } : { kind: 'found', jobIds: ['1', '2'].slice(0, jobs) },
    );
    // Only the first call.
    expect((await submission(fake, { hold: true })).kind).toBe('accepted');
  });
  it.each([
    [
      '',
      'sbatch: error: No project.\nsbatch: error: Ask us.\nsbatch: error: Batch job submission failed: Unspecified error\n',
    ],
    ['--test-only', 'sbatch: error: No project.\nsbatch: error: Ask us.\nallocation failure: Unspecified error\n'],
  ])('plugin: as Slurm prints it, %s', async (option, stderr) => {
    const fake = new FakeSlurm({}, [{ command: 'sbatch', fault: 'plugin', text: 'No project.\nAsk us.' }]);
    const argv = ['sbatch', ...(option === '' ? [] : [option])];
    expect(await ask(fake, argv, { stdin: '#!/bin/sh\n' })).toMatchObject({ status: 1, stdout: '', stderr });
  });
  it('accepted_hang: the job is there, the answer never comes', async () => {
    const fake = new FakeSlurm({}, [{ command: 'sbatch', fault: 'accepted_hang' }]);
    const answer = submit(fake, { hold: true, killAfterMs: 4000 });
    await until('the job is there', () => fake.jobs().length === 1);
    expect(await answer).toMatchObject({ status: null, signal: 'SIGKILL', stdout: '' });
  });
  it('accepted_late: the job turns up after sbatch has given up', async () => {
    const fake = new FakeSlurm({}, [{ command: 'sbatch', fault: 'accepted_late', seconds: 1.5 }]);
    expect((await submission(fake, { hold: true })).kind).toBe('unknown');
    expect(fake.jobs()).toEqual([]);
    await until('the job is there', () => fake.jobs().length === 1);
    expect(await lookup(fake)).toEqual({ kind: 'found', jobIds: ['1'] });
  });
  it('cluster, hold_ignored, renamed', async () => {
    const fake = new FakeSlurm({}, [
      { command: 'sbatch', nth: 1, fault: 'hold_ignored' },
      { command: 'sbatch', nth: [1, 2], fault: 'cluster', name: 'gpu' },
      { command: 'sbatch', nth: 2, fault: 'renamed', name: 'site-job' },
    ]);
    expect(await submission(fake, { hold: true, script: '#!/bin/bash\nsleep 20\n' })).toEqual({
      kind: 'accepted',
      job: { job_id: '1', cluster: 'gpu' },
    });
    await fake.running(1);
    expect((await held(fake)).kind).toBe('not_held');
    await submit(fake, { hold: true });
    expect(await held(fake, '2')).toMatchObject({
      kind: 'renamed',
      held: true,
    });
    expect(await lookup(fake)).toEqual({ kind: 'found', jobIds: ['1'] });
  });
});

describe('faults of the queue, the controller and the books', () => {
  it('of squeue', async () => {
    const faults = ['empty', 'unreachable', 'forgotten', 'killed', 'banner', 'stderr_noise'];
    const fake = new FakeSlurm(
      {},
      faults.map((fault, index) => ({ command: 'squeue', nth: index + 1, fault })),
    );
    await submit(fake, { hold: true });
    const kinds: string[] = [];
    for (let call = 0; call <= faults.length; call += 1) kinds.push((await queue(fake)).kind);
    expect(kinds).toEqual(['gone', 'no_answer', 'unknown_job', 'no_answer', 'listed', 'listed', 'listed']);
  });
  it('of squeue, that hangs or is slow', async () => {
    const fake = new FakeSlurm({}, [
      { command: 'squeue', nth: 1, fault: 'hang' },
      { command: 'squeue', nth: 2, fault: 'slow', seconds: 0.2 },
    ]);
    await submit(fake, { hold: true });
    expect((await ask(fake, queueArgv('1'), { killAfterMs: 2500 })).signal).toBe('SIGKILL');
    expect((await queue(fake)).kind).toBe('listed');
  });
  it('of sacct', async () => {
    const faults = ['lag', 'down', 'off', 'none', 'unreachable', 'banner'];
    const fake = new FakeSlurm(
      {},
      faults.map((fault, index) => ({ command: 'sacct', nth: index + 1, fault })),
    );
    await submit(fake);
    await fake.ended(1);
    const kinds: string[] = [];
    for (let call = 0; call <= faults.length; call += 1) kinds.push((await books(fake)).kind);
    expect(kinds).toEqual(['not_yet', 'no_answer', 'off', 'none', 'no_answer', 'ended', 'ended']);
    fake.faults([{ command: 'sacct', fault: 'other_job' }]);
    expect((await detail(fake)).kind).toBe('other_job');
    expect(await books(fake)).toMatchObject({ kind: 'ended', end: { state: 'FAILED' } });
  });
  it('of scontrol and scancel, whose answer is lost after the act', async () => {
    const fake = new FakeSlurm({}, [
      { command: 'scontrol', nth: 1, fault: 'unreachable' },
      { command: 'scontrol', nth: 2, fault: 'unanswered' },
      { command: 'scancel', nth: 1, fault: 'unanswered' },
      { command: 'job', fault: 'hold_admin', nth: 3 },
    ]);
    await submit(fake, { hold: true });
    await submit(fake, { hold: true });
    await submit(fake, { hold: true });
    expect((await held(fake)).kind).toBe('no_answer');
    expect((await ask(fake, releaseArgv('1'))).status).toBe(1);
    await fake.ended(1);
    expect((await ask(fake, scancelArgv('2', null))).status).toBe(1);
    expect(fake.job(2).state).toBe('CANCELLED');
    expect((await held(fake, '3')).kind).toBe('held_by_admin');
    expect((await ask(fake, releaseArgv('3'))).status).toBe(1);
  });
  it('of a cluster without accounting', async () => {
    const fake = new FakeSlurm({ accounting: false });
    await submit(fake, { hold: true });
    expect((await books(fake)).kind).toBe('off');
    expect((await ask(fake, ['scontrol', 'show', 'config'])).stdout).toMatch(
      /AccountingStorageType\s+= accounting_storage\/none/,
    );
    expect((await ask(fake, ['scontrol', 'ping'])).stdout).toContain('is UP');
  });
});

describe('faults of a job', () => {
  it('ends it badly, whatever the script does', async () => {
    const script = '#!/bin/bash\ntrap "echo receipt" EXIT\nsleep 60\n';
    const fake = new FakeSlurm({ kill_wait_seconds: 1 }, [
      { command: 'job', nth: 1, fault: 'node_fail', after_seconds: 0.3 },
      { command: 'job', nth: 2, fault: 'preempt', after_seconds: 0.3 },
      { command: 'job', nth: 3, fault: 'out_of_memory' },
      { command: 'job', nth: 4, fault: 'step_out_of_memory' },
      { command: 'job', nth: 5, fault: 'state', state: 'BOOT_FAIL', exit_code: '0:0' },
    ]);
    for (const one of [script, script, '#!/bin/bash\n', '#!/bin/bash\n', '#!/bin/bash\n'])
      await submit(fake, { script: one });
    for (const id of [1, 2, 3, 4, 5]) await fake.ended(id);
    const ends = await Promise.all(['1', '2', '3', '4', '5'].map((id) => detail(fake, id)));
    expect(ends.map((end) => end.words)).toEqual([
      'NODE_FAIL, exit code 0:0',
      'PREEMPTED, exit code 0:0',
      'OUT_OF_MEMORY, exit code 0:125',
      'COMPLETED, exit code 0:0',
      'BOOT_FAIL, exit code 0:0',
    ]);
    expect(ends[3]).toMatchObject({
      end: { derivedExitCode: '0:125', steps: [{ id: '4.batch' }, { id: '4.0', state: 'OUT_OF_MEMORY' }] },
    });
    // SIGKILL runs no trap.
    expect(log(fake, 1, 'out')).toBe('');
    expect(log(fake, 3, 'err')).toContain('oom_kill event in StepId=3.batch');
  });
  it('requeue: the same id starts again', async () => {
    const fake = new FakeSlurm({}, [{ command: 'job', fault: 'requeue', after_seconds: 3 }]);
    await submit(fake, {
      requeue: true,
      script: '#!/bin/bash\necho "start ${SLURM_RESTART_COUNT-0}"\n[ "${SLURM_RESTART_COUNT-0}" = 1 ] || sleep 60\n',
    });
    expect(await fake.ended(1)).toMatchObject({ state: 'COMPLETED', restarts: 1 });
    expect(log(fake, 1, 'out')).toBe('start 0\nstart 1\n');
    expect(await detail(fake)).toMatchObject({ kind: 'ended', end: { state: 'COMPLETED', restarts: 1 } });
    expect((await ask(fake, accountingArgv('1'))).stdout).toContain('|REQUEUED|');
  });
  it('completing, accounting_lag and purged: the end is told late, or not at all', async () => {
    const fake = new FakeSlurm({}, [
      { command: 'job', nth: 1, fault: 'completing', seconds: 3600 },
      { command: 'job', nth: 2, fault: 'accounting_lag', seconds: 3600 },
      { command: 'job', nth: 3, fault: 'purged' },
    ]);
    for (const id of [1, 2, 3]) {
      await submit(fake);
      await fake.ended(id);
    }
    expect(await queue(fake, '1')).toMatchObject({ kind: 'listed', state: 'COMPLETING' });
    expect((await books(fake, '1')).kind).toBe('ended');
    expect(await queue(fake, '2')).toMatchObject({ kind: 'gone' });
    expect(await books(fake, '2')).toMatchObject({ kind: 'not_yet', state: 'RUNNING' });
    expect((await queue(fake, '3')).kind).toBe('unknown_job');
    expect((await books(fake, '3')).kind).toBe('ended');
  });
  it('scontrol requeue, where the job may be', async () => {
    const fake = new FakeSlurm();
    await submit(fake, { requeue: true, script: '#!/bin/bash\n[ -n "${SLURM_RESTART_COUNT-}" ] || sleep 60\n' });
    await fake.running(1);
    expect((await ask(fake, ['scontrol', 'requeue', '1'])).status).toBe(0);
    expect(await fake.ended(1)).toMatchObject({ state: 'COMPLETED', restarts: 1 });
  });
});

describe('after a crash of the controller', () => {
  it('an order may be carried out after its client has given up', async () => {
    const fake = new FakeSlurm({}, [
      { command: 'scontrol', nth: 1, fault: 'carried_out_late', seconds: 1 },
      { command: 'scancel', nth: 1, fault: 'carried_out_late', seconds: 1 },
    ]);
    await submit(fake, { hold: true });
    await submit(fake, { hold: true });
    for (const argv of [releaseArgv('1'), scancelArgv('2', null)])
      expect(await ask(fake, argv)).toMatchObject({ status: 1, stderr: expect.stringContaining('Socket timed out') });
    expect(fake.job(1).state).toBe('PENDING');
    await fake.ended(1);
    await until('the late cancel', () => fake.job(2).state === 'CANCELLED');
  });

  it('an id may belong to another job', async () => {
    const fake = new FakeSlurm({}, [
      { command: 'scontrol', fault: 'other_job' },
      { command: 'squeue', fault: 'other_job' },
    ]);
    await submit(fake, { hold: true });
    expect(await queue(fake)).toEqual({ kind: 'other_job', name: 'old-job' });
    expect((await held(fake)).kind).toBe('other_job');
  });

  it('a node has reported, or has not', async () => {
    const fake = new FakeSlurm({ booted_at: '2026-11-28T15:54:47Z' }, [
      { command: 'scontrol', nth: 2, fault: 'node_silent' },
    ]);
    const asked = async (node: string): Promise<string> =>
      judgeNode(ran(await ask(fake, showNodeArgv(node) ?? [])), node).kind;
    expect([await asked('n1'), await asked('n1'), await asked('n2')]).toEqual(['reported', 'silent', 'no_answer']);
    expect(bootTime(ran(await ask(fake, configArgv())))).toBe('2026-11-28T15:54:47.000Z');
  });

  it('scancel leaves a job of another name alone', async () => {
    const fake = new FakeSlurm();
    await submit(fake, { hold: true });
    expect((await ask(fake, scancelArgv('1', 'other'))).status).toBe(0);
    expect(fake.job(1).state).toBe('PENDING');
    expect((await ask(fake, scancelArgv('1', KEY))).status).toBe(0);
    expect(fake.job(1).state).toBe('CANCELLED');
    for (const id of ['1', '99']) expect((await ask(fake, scancelArgv(id, KEY))).status).toBe(1);
  });
});
