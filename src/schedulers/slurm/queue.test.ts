import { describe, expect, it } from 'vitest';
import { ran } from '../../../test/support/ran.ts';
import type { Ran } from './answer.ts';
import {
  accountedByNameArgv,
  copiesArgv,
  judgeCopies,
  judgeLivingJobs,
  judgeLookup,
  lookupArgv,
  parseAccountedByName,
} from './lookup.ts';
import { judgeQueue, queueArgv } from './queue.ts';
import { isKeyOf, marksOf } from './submit.ts';

const UNREACHABLE = 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n';

const NO_ANSWERS: readonly (readonly [string, Ran])[] = [
  ['no controller', ran({ exitCode: 1, stderr: UNREACHABLE })],
  ['no controller, behind a wrapper that loses the status', ran({ stderr: `squeue: error: ${UNREACHABLE}` })],
  [
    'a busy controller',
    ran({ exitCode: 1, stderr: 'slurm_load_jobs error: Socket timed out on send/recv operation\n' }),
  ],
  ['no answer in time', ran({ exitCode: null, timedOut: true })],
  ['a killed client', ran({ exitCode: null, signal: 'SIGTERM' })],
  ['no client', ran({ exitCode: null, spawnError: 'ENOENT' })],
  ['a bad exit status without words', ran({ exitCode: 1 })],
  ['the beginning of a flood', ran({ stdout: 'hello\n'.repeat(9), truncated: true })],
];

describe('judgeQueue', () => {
  const ours = { key: 'autolab-r1-abc', chdir: '/p|q r', script: '/p|q r/runs/r1/receipt/run.sbatch' };
  /** Rows of our job, as squeue prints them. */
  const rows = (text: string): string =>
    text.replace(/^(\s*\d.*\|.*\|.*\|.*\|.*?)(\r?)$/gm, `$1|${ours.key}|${ours.chdir}|${ours.script}$2`);
  it('asks for this job alone, in whatever state and partition', () => {
    expect(queueArgv('12').slice(0, 3)).toEqual(['squeue', '-j', '12']);
    expect(queueArgv('12')).toEqual(expect.arrayContaining(['--all', '--states=all', '--noheader']));
    expect(() => queueArgv('12,13')).toThrow('not a job id');
    expect(() => queueArgv('--help')).toThrow('not a job id');
  });

  it('knows no start of a held job, although squeue prints one', () => {
    const held = '22|PENDING|0:00|2026-11-28T15:59:00+0000|1||launch failed requeued held\n';
    for (const text of [
      held,
      held.replace('launch failed requeued held', 'JobHeldAdmin'),
      held.replace('PENDING', 'REQUEUE_HOLD'),
    ])
      expect(judgeQueue(ran({ stdout: rows(text) }), '22', ours)).toMatchObject({
        kind: 'listed',
        held: true,
        startAt: null,
      });
  });
  // Rows of 22.05.8.
  it('reports a waiting job with its reason', () => {
    expect(
      judgeQueue(ran({ stdout: rows('12|PENDING|0:00|2026-11-24T12:30:00+0100|1||Resources\n') }), '12', ours),
    ).toEqual({
      kind: 'listed',
      state: 'PENDING',
      name: 'autolab-r1-abc',
      reason: 'Resources',
      hopeless: false,
      held: false,
      startAt: '2026-11-24T11:30:00.000Z',
      elapsed: '0:00',
      nodes: '1',
    });
  });
  it('reports a running job with its node and start', () => {
    const stdout = '12|RUNNING|1-02:00:11|2026-11-24T11:02:18+0000|1|n1|None\n';
    expect(judgeQueue(ran({ stdout: rows(stdout) }), '12', ours)).toMatchObject({
      state: 'RUNNING',
      reason: null,
      startAt: '2026-11-24T11:02:18.000Z',
      elapsed: '1-02:00:11',
      nodes: 'n1',
    });
  });
  it.each([
    ['12|PENDING|0:00|N/A|1||launch failed requeued held\n', 'PENDING', 'launch failed requeued held', false],
    ['12|PENDING|0:00|N/A|1||BadConstraints\n', 'PENDING', 'BadConstraints', true],
    ['12|COMPLETING|0:11|N/A|1|n1|None\n', 'COMPLETING', null, false],
    ['12|SUSPENDED|0:11|N/A|1|n1|None\n', 'SUSPENDED', null, false],
    ['12|BRAND_NEW|0:11|N/A|1|n1|None\n', 'BRAND_NEW', null, false],
    ['*** Maintenance|tonight ***\n12|RUNNING|0:11|N/A|1|n1|None\r\nBye\n', 'RUNNING', null, false],
    ['12_[2-9]|PENDING|0:00|N/A|1||Resources\n12_1|COMPLETED|0:00|N/A|1|n1|None\n', 'PENDING', 'Resources', false],
    ['12+0|COMPLETED|0:00|N/A|1|n1|None\n12+1|RUNNING|0:00|N/A|1|n1|None\n', 'RUNNING', null, false],
  ])('listed: %j', (stdout, state, reason, hopeless) => {
    expect(judgeQueue(ran({ stdout: rows(stdout) }), '12', ours)).toMatchObject({
      kind: 'listed',
      state,
      reason,
      hopeless,
    });
  });

  it.each([
    ['12|COMPLETED|0:11|2026-11-24T11:02:18+0000|1|n1|None\n', 'COMPLETED'],
    ['12|NODE_FAIL|0:11|2026-11-24T11:02:18+0000|1|n1|None\n', 'NODE_FAIL'],
    ['12|OUT_OF_MEMORY|0:11|2026-11-24T11:02:18+0000|1|n1|OutOfMemory\n', 'OUT_OF_MEMORY'],
    ['', null],
    ['Maintenance tonight\n', null],
    // Another job.
    ['123|RUNNING|0:11|N/A|1|n1|None\n', null],
  ])('gone: %j', (stdout, state) => {
    expect(judgeQueue(ran({ stdout: rows(stdout) }), '12', ours)).toEqual({ kind: 'gone', state });
  });

  it('distinguishes a job that the controller has forgotten from a controller that does not answer', () => {
    const told = [
      { stderr: 'slurm_load_jobs error: Invalid job id specified\n' },
      // Printed to stdout by 22.05, for a job, a task of an array, and a part of a heterogeneous job.
      { stdout: 'Job 12 not found\n' },
      { stdout: 'Job 12_4 not found\n' },
      { stdout: 'Hello\nJob 12+1 not found\n' },
      { stderr: 'Job 12_[4-7] not found\n' },
    ];
    for (const words of told)
      expect(judgeQueue(ran({ exitCode: 1, ...words }), '12', ours)).toEqual({ kind: 'unknown_job' });
    for (const stderr of [
      'error: Job 12 not found in the cache; Socket timed out\n',
      'Help: "Invalid job id specified" means that the job is over.\nslurm_load_jobs error: Socket timed out\n',
    ])
      expect(judgeQueue(ran({ exitCode: 1, stderr }), '12', ours).kind).toBe('no_answer');
  });
  it.each(NO_ANSWERS)('no answer: %s', (_name, facts) => {
    const answer = judgeQueue(facts, '12', ours);
    expect(answer.kind).toBe('no_answer');
    expect(answer.kind === 'no_answer' && answer.words).not.toBe('');
  });

  it.each([
    ['renamed by the site', 'site|job|/p|q r|/p|q r/runs/r1/receipt/run.sbatch', 'site|job'],
    ['with another folder by now', 'autolab-r1-abc|/moved|/elsewhere', 'autolab-r1-abc'],
  ])('knows our job that is %s', (_name, marks, name) => {
    const stdout = `12|PENDING|0:00|N/A|1||Resources|${marks}\n`;
    expect(judgeQueue(ran({ stdout }), '12', ours)).toMatchObject({ kind: 'listed', reason: 'Resources', name });
  });
  it.each([
    ['a stranger', 'train|/home/eve|/home/eve/train.sh'],
    ['a run of the same project', 'autolab-r2-xyz|/p|q r|/p|q r/runs/r2/receipt/run.sbatch'],
    ['a longer name', 'autolab-r1-abcd|/p|(null)'],
    ['our script in a copy of the project', 'x|/copy|/copy/runs/r1/receipt/run.sbatch'],
  ])('does not take %s that has our id by now for ours', (_name, marks) => {
    for (const state of ['RUNNING', 'COMPLETED']) {
      const stdout = `12|${state}|0:00|N/A|1||None|${marks}\n`;
      expect(judgeQueue(ran({ stdout }), '12', ours)).toMatchObject({ kind: 'other_job' });
    }
  });
});

describe('judgeLookup', () => {
  const job = { key: 'autolab-r1-abc', chdir: '/p|q r' };
  it('asks for jobs of this name, ended ones and those in hidden partitions, too', () => {
    expect(lookupArgv(job.key)).toEqual(
      expect.arrayContaining(['--me', '--all', '--states=all', '--name=autolab-r1-abc']),
    );
  });
  it.each([
    ['one', '25|PENDING|autolab-r1-abc|/p|q r\n', ['25']],
    ['several, by number', '100|PENDING|autolab-r1-abc|/p|q r\n99|RUNNING|autolab-r1-abc|/p|q r\n', ['99', '100']],
    ['one of two folders', '25|PENDING|autolab-r1-abc|/copy\n26|PENDING|autolab-r1-abc|/p|q r\n', ['26']],
    ['an array, once', '25_1|RUNNING|autolab-r1-abc|/p|q r\n25_[2-4]|PENDING|autolab-r1-abc|/p|q r\n', ['25']],
    ['with a banner', 'Hello\n  25|PENDING|autolab-r1-abc|/p|q r\r\n', ['25']],
  ])('finds %s', (_name, stdout, jobIds) => {
    expect(judgeLookup(ran({ stdout }), job)).toEqual({ kind: 'found', jobIds });
  });
  it.each([
    ['nothing', ''],
    ['a longer name', '25|PENDING|autolab-r1-abcd|/p|q r\n'],
    ['a folder below', '25|PENDING|autolab-r1-abc|/p|q r/s\n'],
  ])('none: %s', (_name, stdout) => {
    expect(judgeLookup(ran({ stdout }), job)).toEqual({ kind: 'none' });
  });
  it.each(NO_ANSWERS)('no answer: %s', (_name, facts) => {
    expect(judgeLookup(facts, job).kind).toBe('no_answer');
  });
  it('does not take the rows of a query that failed for all there is', () => {
    expect(judgeLookup(ran({ exitCode: 1, stdout: '25|PENDING|autolab-r1-abc|/p|q r\n' }), job).kind).toBe('no_answer');
  });
});

describe('judgeCopies', () => {
  const marks = marksOf('autolab-r1-abc', ['sbatch', '--hold', '--chdir=/p|q r', '/p|q r/runs/r1/receipt/run.sbatch']);
  const known = (stdout: string): unknown => judgeCopies(ran({ stdout }), marks);
  it('asks for every job of the user, with its folder and its command', () => {
    expect(copiesArgv()).toEqual(expect.arrayContaining(['--me', '--all', '--states=all', '--format=%i|%T|%j|%Z|%o']));
  });
  it('knows a copy by its name, and a renamed one by its script', () => {
    const script = '/p|q r|/p|q r/runs/r1/receipt/run.sbatch';
    expect(known(`7|PENDING|autolab-r1-abc|${script}\n8|RUNNING|site|job|${script}\n`)).toEqual({
      kind: 'known',
      copies: [
        { jobId: '7', name: 'autolab-r1-abc', alive: true },
        { jobId: '8', name: 'site|job', alive: true },
      ],
    });
    expect(known('7|COMPLETED|autolab-r1-abc|/p|q r|(null)\n')).toEqual({
      kind: 'known',
      copies: [{ jobId: '7', name: 'autolab-r1-abc', alive: false }],
    });
  });
  it.each([
    ['another run', '7|PENDING|site-job|/p|q r|/p|q r/runs/r2/receipt/run.sbatch\n'],
    ['a copy of the project', '7|PENDING|autolab-r1-abc|/copy|/copy/runs/r1/receipt/run.sbatch\n'],
    ['a longer name', '7|PENDING|autolab-r1-abcd|/p|q r|/other\n'],
    ['a banner', 'Hello | there | all\n'],
  ])('not: %s', (_name, stdout) => {
    expect(known(stdout)).toEqual({ kind: 'known', copies: [] });
  });
  it.each(NO_ANSWERS)('no answer: %s', (_name, facts) => {
    expect(judgeCopies(facts, marks).kind).toBe('no_answer');
  });
});

describe('judgeLivingJobs', () => {
  const isOurs = ({ name, folder }: { readonly name: string; readonly folder: string }): boolean =>
    folder === '/p' && isKeyOf('r1', name);
  it.each(['PENDING', 'RUNNING', 'COMPLETING', 'BRAND_NEW'])('finds a job of the run that is %s', (state) => {
    const stdout = `Hello\n24|RUNNING|mine|/p\n25|${state}|autolab-r1-abc|/p\n`;
    const jobs = [{ jobId: '25', state, name: 'autolab-r1-abc', folder: '/p' }];
    expect(judgeLivingJobs(ran({ stdout }), isOurs)).toEqual({ kind: 'found', jobs });
  });
  it.each([
    ['nothing', ''],
    ['one that has ended', '25|CANCELLED|autolab-r1-abc|/p\n'],
    ['one of another run', '25|RUNNING|autolab-r1-2-abc|/p\n'],
    ['one of another run whose id is longer', '25|RUNNING|autolab-r12-abc|/p\n'],
    ['one of another folder', '25|RUNNING|autolab-r1-abc|/copy\n'],
  ])('none: %s', (_name, stdout) => {
    expect(judgeLivingJobs(ran({ stdout }), isOurs)).toEqual({ kind: 'none' });
  });
  it.each(NO_ANSWERS)('no answer: %s', (_name, facts) => {
    expect(judgeLivingJobs(facts, isOurs).kind).toBe('no_answer');
  });
});

describe('accounting by name', () => {
  it('looks back further than midnight', () => {
    expect(accountedByNameArgv('k')).toEqual(expect.arrayContaining(['--name=k', '--starttime=now-4weeks']));
  });
  it('is evidence only where it finds a job', () => {
    const stdout = 'JobID|JobName|State\n31|k|COMPLETED\n7|k|CANCELLED by 0\n8|kk|RUNNING\n';
    expect(parseAccountedByName(ran({ stdout }), 'k')).toEqual(['7', '31']);
    expect(parseAccountedByName(ran({ exitCode: 1, stderr: 'sacct: error: refused' }), 'k')).toEqual([]);
  });
});
