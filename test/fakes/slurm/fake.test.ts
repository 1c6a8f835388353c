import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { judgeSubmission } from '../../../src/schedulers/slurm/parse-sbatch.ts';
import { releaseArgv, scancelArgv } from '../../../src/schedulers/slurm/scontrol.ts';
import { judgeTestOnly, testOnlyArgv } from '../../../src/schedulers/slurm/test-only.ts';
import { until } from '../../support/project.ts';
import { ask, books, detail, held, KEY, log, lookup, queue, ran, shown, submission, submit } from './asking.ts';
import { FakeSlurm } from './fake.ts';

/** The stand-in against its specification, SPEC.md; its answers are read with the parsers that the launcher has. */

describe('a job', () => {
  it('is submitted held, looked up, released, run, and accounted for', async () => {
    const fake = new FakeSlurm({ first_job_id: 41 });
    expect(
      await submission(fake, {
        hold: true,
        env: { COLOUR: 'blue, green' },
        script: '#!/bin/bash\necho "$COLOUR $SLURM_JOB_ID $PWD ${SLURM_RESTART_COUNT-none}"\necho e >&2\nsleep 0.3\n',
      }),
    ).toEqual({ kind: 'accepted', job: { job_id: '41', cluster: null } });
    expect(await lookup(fake)).toEqual({ kind: 'found', jobIds: ['41'] });
    expect(await queue(fake, '41')).toMatchObject({
      kind: 'listed',
      state: 'PENDING',
      reason: 'JobHeldUser',
      startAt: null,
    });
    expect((await held(fake, '41')).kind).toBe('held');
    expect(await books(fake, '41')).toMatchObject({ kind: 'not_yet', state: 'PENDING' });
    expect(await ask(fake, releaseArgv('41'))).toMatchObject({ status: 0 });
    await fake.ended(41);
    expect(log(fake, 41, 'out')).toBe(`blue, green 41 ${fake.folder} none\n`);
    expect(log(fake, 41, 'err')).toBe('e\n');
    expect(await queue(fake, '41')).toEqual({ kind: 'gone', state: 'COMPLETED' });
    expect(await ask(fake, ['squeue', '-j', '41'])).toMatchObject({
      status: 0,
      stdout: 'JOBID PARTITION NAME USER ST TIME NODES NODELIST(REASON)\n',
    });
    expect(await books(fake, '41')).toMatchObject({ kind: 'ended', words: 'COMPLETED, exit code 0:0' });
    const end = await detail(fake, '41');
    expect(end).toMatchObject({ kind: 'ended', end: { name: KEY, state: 'COMPLETED', nodes: 'n1', restarts: 0 } });
    const began = Date.parse((end.kind === 'ended' && end.end.startedAt) || '');
    expect(Math.abs(began - (fake.job(41).started_at ?? 0))).toBeLessThan(1000);
    expect(await shown(fake, '41')).toMatchObject({
      kind: 'ended',
      words: 'COMPLETED, exit code 0:0',
    });
    expect((await ask(fake, releaseArgv('41'))).stderr).toContain('Job has already finished');
    expect(
      fake
        .calls()
        .map(({ command }) => command)
        .slice(0, 2),
    ).toEqual(['sbatch', 'squeue']);
  });

  it('ends with its exit code, by its signal, at its limit, or without a log', async () => {
    const fake = new FakeSlurm({ kill_wait_seconds: 1 });
    await submit(fake, { script: '#!/bin/bash\nexit 3\n' });
    await submit(fake, { script: '#!/bin/bash\nkill -SEGV $$\n' });
    await submit(fake, {
      script: '#!/bin/bash\n#SBATCH --time=0:03 --mem="100M" # short\ntrap "echo bye; exit 0" TERM\nsleep 60 & wait\n',
    });
    await fake.run('sbatch', ['--parsable', `--output=${fake.folder}/none/%j.out`, '--wrap', 'true']);
    for (const id of [1, 2, 3, 4]) await fake.ended(id);
    const words = await Promise.all(['1', '2', '3', '4'].map((id) => books(fake, id)));
    expect(words.map((answer) => answer.words)).toEqual([
      'FAILED, exit code 3:0',
      'FAILED, exit code 0:11',
      'TIMEOUT, exit code 0:0',
      'FAILED, exit code 0:53',
    ]);
    expect(log(fake, 3, 'out')).toBe('bye\n');
    expect(log(fake, 3, 'err')).toMatch(
      /slurmstepd: error: \*\*\* JOB 3 ON n1 CANCELLED AT .* DUE TO TIME LIMIT \*\*\*/,
    );
  });

  it('ends with an exit code above 128, which sacct shows less 128 and scontrol does not', async () => {
    const fake = new FakeSlurm();
    await submit(fake, { script: '#!/bin/bash\nexit 139\n' });
    await fake.ended(1);
    expect((await books(fake)).words).toBe('FAILED, exit code 11:0');
    expect((await shown(fake)).words).toBe('FAILED, exit code 139:0');
  });

  it('is cancelled while it is held, and while it runs', async () => {
    const fake = new FakeSlurm();
    await submit(fake, { hold: true });
    await submit(fake, { script: '#!/bin/bash\ntrap "exit 143" TERM\nsleep 60 & wait\n' });
    await fake.running(2);
    expect(await ask(fake, scancelArgv('1', null))).toEqual({ status: 0, signal: null, stdout: '', stderr: '' });
    expect((await ask(fake, scancelArgv('2', null))).status).toBe(0);
    await fake.ended(2);
    const user = String(process.getuid?.() ?? 0);
    for (const id of ['1', '2'])
      expect(await books(fake, id)).toMatchObject({ kind: 'ended', end: { state: 'CANCELLED', cancelledBy: user } });
    expect(existsSync(join(fake.folder, 'logs/slurm-1.out'))).toBe(false);
    // Nothing to complain about.
    expect((await ask(fake, scancelArgv('2', null))).status).toBe(0);
    expect((await ask(fake, scancelArgv('99', null))).status).toBe(0);
    expect((await ask(fake, releaseArgv('1'))).status).toBe(1);
  });

  it('is forgotten by the controller, and not by the books', async () => {
    const fake = new FakeSlurm({ min_job_age_seconds: 0 });
    await submit(fake);
    await fake.ended(1);
    expect(await queue(fake)).toEqual({ kind: 'unknown_job' });
    expect((await shown(fake)).kind).toBe('forgotten');
    expect((await books(fake)).kind).toBe('ended');
    expect((await books(fake, '2')).kind).toBe('none');
  });

  it('is not found by its name in the books while it is held', async () => {
    const fake = new FakeSlurm();
    await submit(fake, { hold: true });
    const byName = ['sacct', `--name=${KEY}`, '--starttime=now-4weeks', '-X', '--format=JobID', '--parsable2'];
    expect((await ask(fake, byName)).stdout).toBe('JobID\n');
    await ask(fake, releaseArgv('1'));
    await fake.ended(1);
    expect((await ask(fake, byName)).stdout).toBe('JobID\n1\n');
  });

  it('that asks for too much is held against the nodes only when it is released', async () => {
    const fake = new FakeSlurm({ max_memory_mb: 1000 });
    const big = '#!/bin/bash\n#SBATCH --mem=2G\ntrue\n';
    expect(await submission(fake, { script: big })).toMatchObject({
      kind: 'refused',
      advice: { pointer: '/compute/partition' },
    });
    await submit(fake, { script: big, hold: true });
    await ask(fake, releaseArgv('1'));
    await until('it is hopeless', () => fake.job(1).reason === 'BadConstraints');
    expect(await queue(fake)).toMatchObject({ kind: 'listed', state: 'PENDING', hopeless: true });
  });
});

describe('sbatch', () => {
  it.each([
    [['--partition=nope'], '/compute/partition'],
    [['--account=nope'], '/compute/account'],
    [['--qos=nope'], '/compute/qos'],
    [['--time=9-00:00:00'], '/compute/time'],
    [['--time=soon'], '/compute/time'],
    [['--mem=lots'], '/compute/memory'],
    [['--nodes=5'], '/compute/nodes'],
    [['--gres=disk:1'], '/compute/gpu_type'],
    [['--cpus-per-task=99'], '/compute/cpus'],
  ])('refuses %j', async (options, pointer) => {
    const fake = new FakeSlurm();
    const answer = await fake.run('sbatch', ['--parsable', '--hold', ...options, '--wrap', 'true']);
    expect(judgeSubmission(ran(answer))).toMatchObject({ kind: 'refused', advice: { pointer } });
    expect(fake.jobs()).toEqual([]);
  });
  it.each([
    ['', 'empty'],
    ['echo\n', 'does not look like'],
    ['#!/bin/sh\r\n', 'DOS line breaks'],
  ])('refuses the script %j', async (script, words) => {
    const answer = await submit(new FakeSlurm(), { script });
    expect(answer.stderr).toContain(words);
    expect(judgeSubmission(ran(answer)).kind).toBe('refused');
  });
  it('says what would be, and submits nothing', async () => {
    const fake = new FakeSlurm();
    const test = async (script: string): Promise<ReturnType<typeof judgeTestOnly>> =>
      judgeTestOnly(ran(await ask(fake, testOnlyArgv(fake.folder), { stdin: script })));
    expect(await test('#!/bin/sh\ntrue\n')).toMatchObject({ kind: 'accepted', nodes: 'n1', partition: 'main' });
    expect(await test('#!/bin/sh\n#SBATCH --mem=900G\n')).toMatchObject({ kind: 'refused' });
    expect(await test('#!/bin/sh\n#SBATCH --partition=nope\n')).toMatchObject({ kind: 'refused' });
    expect(fake.jobs()).toEqual([]);
  });
  it('takes the command line over the script, and the environment as --export says', async () => {
    const fake = new FakeSlurm();
    const script = join(fake.folder, 'x.sh');
    writeFileSync(script, '#!/bin/sh\n#SBATCH --job-name="from script" --export=NONE\necho "${COLOUR-none} $1"\n');
    await fake.run('sbatch', ['-J', 'from-line', '-o', 'a.out', '--export=ALL,COLOUR=red', script, 'arg'], {
      env: { COLOUR: 'blue' },
    });
    await fake.run('sbatch', ['-o', 'b.out', script, 'arg'], { env: { COLOUR: 'blue' } });
    expect([(await fake.ended(1)).name, (await fake.ended(2)).name]).toEqual(['from-line', 'from script']);
    expect(['a.out', 'b.out'].map((name) => readFileSync(join(fake.folder, name), 'utf8'))).toEqual([
      'red arg\n',
      'none arg\n',
    ]);
  });
});

describe('what is not understood', () => {
  it.each([
    ['sbatch', ['--array=1-3', 'x.sh'], 'the option --array is not known'],
    ['squeue', ['--iterate=3'], 'the option --iterate is not known'],
    ['squeue', ['-j', '1,2'], 'one id'],
    ['squeue', ['--format=%Q'], '%Q is not understood'],
    ['sacct', ['-j', '1'], 'only --parsable2'],
    ['sacct', ['--parsable2', '--user=x'], 'the option --user is not known'],
    ['scontrol', ['update', 'job', '1'], 'update is not understood'],
    ['scancel', ['--signal=9', '1'], 'the option --signal is not known'],
    ['sinfo', ['-N'], '-N is not understood'],
  ])('%s %j', async (command, words, message) => {
    const answer = await ask(new FakeSlurm(), [command, ...words]);
    expect(answer.stderr).toContain(message);
    expect(answer.status).toBe(2);
  });
  it.each([
    [[{ command: 'sbatch', fault: 'explode' }], 'no fault "explode"'],
    [[{ command: 'squeue', fault: 'empty', minutes: 3 }], 'does not take "minutes"'],
    [[{ command: 'squeue', fault: 'empty', nth: 0 }], 'nth is a number from 1'],
    [[{ command: 'qsub', fault: 'empty' }], 'the command "qsub" is not known'],
    [{ command: 'squeue', fault: 'empty' }, 'a list is needed'],
  ])('the fault %j', async (faults, message) => {
    const fake = new FakeSlurm();
    writeFileSync(join(fake.folder, 'faults.json'), JSON.stringify(faults));
    const answer = await ask(fake, ['squeue']);
    expect(answer).toMatchObject({ status: 2, stdout: '' });
    expect(answer.stderr).toContain(message);
  });
  it('variables that change what a command means, settings, and a missing folder', async () => {
    const fake = new FakeSlurm();
    expect(await ask(fake, ['squeue'], { env: { SQUEUE_STATES: 'PD' } })).toMatchObject({
      status: 2,
      stderr: 'fake slurm: SQUEUE_STATES is set: it would change what squeue means\n',
    });
    expect((await ask(fake, ['squeue'], { env: { AUTOLAB_FAKE_SLURM: '' } })).status).toBe(2);
    expect((await ask(fake, ['squeue'], { env: { AUTOLAB_FAKE_SLURM: '/does/not/exist' } })).status).toBe(2);
    expect((await ask(new FakeSlurm({ colour: 'red' }), ['squeue'])).stderr).toContain('"colour" is not known');
  });
  it('answers the probes of a launcher', async () => {
    const fake = new FakeSlurm();
    for (const command of ['sbatch', 'squeue', 'sacct', 'scontrol', 'scancel', 'sinfo'])
      expect(await ask(fake, [command, '-V'])).toMatchObject({ status: 0, stdout: 'slurm-wlm 22.05.8\n' });
    expect((await ask(fake, ['sinfo'])).stdout).toContain('main*');
    fake.faults([{ command: 'sinfo', fault: 'unreachable' }]);
    expect((await ask(fake, ['sinfo', '-V'])).status).toBe(1);
  });
});
