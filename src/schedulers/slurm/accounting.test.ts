import { describe, expect, it } from 'vitest';
import { accountingArgv, isOnlyRecord, judgeAccounting, lastAccountedArgv, parseAccounting } from './accounting.ts';
import type { Ran } from './answer.ts';
import type { JobEnd } from './job-end.ts';
import { efficiencyOf, usageOf } from './usage.ts';
import { readExitCode, readMemoryBytes, readSeconds, readTime } from './values.ts';

const ran = (stdout: string, parts: Partial<Ran> = {}): Ran => ({
  exitCode: 0,
  signal: null,
  timedOut: false,
  spawnError: null,
  stderr: '',
  stdout,
  ...parts,
});

const SHORT = 'JobID|State|ExitCode|Elapsed|MaxRSS';
const LONG =
  'JobID|JobName|Submit|Start|End|State|ExitCode|DerivedExitCode|Elapsed|Timelimit|TotalCPU|AllocCPUS|ReqMem|MaxRSS|NodeList|Partition|QOS';
const table = (header: string, ...rows: string[]): string => [header, ...rows, ''].join('\n');
const decides = (...rows: string[]): ReturnType<typeof judgeAccounting> =>
  judgeAccounting(ran(table(SHORT, ...rows)), { jobId: '7' });
const endOf = (answer: ReturnType<typeof judgeAccounting>): JobEnd => {
  if (answer.kind !== 'ended') throw new Error(answer.words);
  return answer.end;
};

describe('the calls', () => {
  it('is word for word the one that decides', () => {
    const decides = 'sacct -j 7 --format=JobID,State,ExitCode,Elapsed,MaxRSS';
    expect(lastAccountedArgv('7').join(' ')).toBe(`${decides} --parsable2`);
    expect(accountingArgv('7').join(' ').replace('--duplicates ', '')).toMatch(
      new RegExp(`^${decides},.* --parsable2$`),
    );
  });
  it('asks for name, times and usage in the same one', () => {
    const format = accountingArgv('7').find((word) => word.startsWith('--format=')) ?? '';
    expect(format.slice('--format='.length).split(',').toSorted()).toEqual(LONG.split('|').toSorted());
    expect(accountingArgv('7')).toContain('--duplicates');
    expect(() => accountingArgv('7;id')).toThrow('not a job id');
  });
  it('takes one answer for enough only if the job has one record in it', () => {
    const [job, step] = ['7|COMPLETED|0:0|00:00:01|', '7.batch|COMPLETED|0:0|00:00:01|1K'];
    const text = (...rows: string[]): string => [SHORT, ...rows].map((row) => `${row}\n`).join('');
    expect(isOnlyRecord(text(job, step), '7')).toBe(true);
    expect(isOnlyRecord(text('7|REQUEUED|0:0|00:00:01|', job, step), '7')).toBe(false);
    expect(isOnlyRecord(text(), '7')).toBe(false);
  });
});

describe('records that are not complete yet', () => {
  // Output of 22.05.8 for one job, half a second apart.
  const early =
    '7|allocation|2026-11-28T15:56:12|2026-11-28T15:56:12|2026-11-28T15:56:12|COMPLETED|0:0|0:0|00:00:00||00:00.003|1|16?||n1||Unknown';
  const complete = (end: string): string =>
    `7|k|2026-11-28T15:56:12|2026-11-28T15:56:12|${end}|COMPLETED|0:0|0:0|00:00:00|00:10:00|00:00.003|1|100M||n1|main|normal`;
  const stepRow = (id: string, state: string): string =>
    `${id}|batch|2026-11-28T15:56:12|2026-11-28T15:56:12|2026-11-28T15:56:12|${state}|0:0||00:00:00||00:00.003|1|||||`;
  const detail = (...rows: string[]): ReturnType<typeof judgeAccounting> =>
    judgeAccounting(ran(table(LONG, ...rows)), { jobId: '7', key: 'k' });

  it('is no other job, and no rename', () => {
    const answer = detail(early, stepRow('7.batch', 'COMPLETED'));
    expect(answer).toEqual({ kind: 'provisional', words: 'COMPLETED, in a record that is not complete yet' });
    expect(detail(complete('2026-11-28T15:56:12'), stepRow('7.batch', 'COMPLETED'))).toMatchObject({
      kind: 'ended',
      unfinished: null,
    });
  });
  it('takes a job that is really called so for another one', () => {
    expect(detail(complete('2026-11-28T15:56:12').replace('|k|', '|allocation|')).kind).toBe('other_job');
  });
  it.each([
    ['an end without its time', complete('Unknown'), 'COMPLETED', 'accounting has no end of job 7', false],
    [
      'a step that runs on',
      complete('2026-11-28T15:56:12'),
      'RUNNING',
      'step 7.batch is still RUNNING in accounting',
      false,
    ],
    ['no step', complete('2026-11-28T15:56:12'), null, 'accounting has no step 7.batch', true],
  ])('says what is still to come: %s', (_name, row, state, words, missing) => {
    expect(detail(row, ...(state === null ? [] : [stepRow('7.batch', state)]))).toMatchObject({
      kind: 'ended',
      unfinished: { words, missing },
    });
  });
  it('waits for no step of a job that never ran one', () => {
    const row = complete('2026-11-28T15:56:12').replace('COMPLETED', 'CANCELLED by 0');
    expect(detail(row)).toMatchObject({ kind: 'ended', unfinished: null });
  });
});

describe('judgeAccounting', () => {
  // Answers of 22.05.8.
  it('reads a good end', () => {
    const answer = decides('7|COMPLETED|0:0|00:00:03|', '7.batch|COMPLETED|0:0|00:00:03|10564K');
    expect(answer).toMatchObject({ kind: 'ended', words: 'COMPLETED, exit code 0:0' });
    expect(endOf(answer)).toMatchObject({
      state: 'COMPLETED',
      exitCode: '0:0',
      elapsed: '00:00:03',
      elapsedSeconds: 3,
      maxRss: '10564K',
      maxRssBytes: 10564 * 1024,
      steps: [{ id: '7.batch', state: 'COMPLETED', exitCode: '0:0' }],
      restarts: 0,
    });
  });
  it('takes the largest step for the memory', () => {
    const answer = decides(
      '7|COMPLETED|0:0|00:00:03|',
      '7.batch|COMPLETED|0:0|00:00:03|1000K',
      '7.extern|COMPLETED|0:0|00:00:03|0',
      '7.0|COMPLETED|0:0|00:00:03|2.5M',
    );
    expect(endOf(answer)).toMatchObject({ maxRss: '2.5M', maxRssBytes: 2621440 });
  });
  it('says who cancelled, apart from the state', () => {
    expect(endOf(decides('7|CANCELLED by 1000|0:0|00:00:00|'))).toMatchObject({
      state: 'CANCELLED',
      cancelledBy: '1000',
      maxRss: null,
    });
  });
  it.each(['RUNNING', 'PENDING', 'COMPLETING', 'REQUEUED', 'SUSPENDED', 'RESIZING'])('not yet: %s', (state) => {
    expect(decides(`7|${state}|0:0|00:00:03|`, '7.batch|COMPLETED|0:0|00:00:03|')).toMatchObject({
      kind: 'not_yet',
      state,
    });
  });
  it('counts an unknown state as an end', () => {
    expect(endOf(decides('7|EATEN_BY_GRUE|0:0|00:00:03|')).state).toBe('EATEN_BY_GRUE');
  });
  it('lets the worst part of an array or heterogeneous job decide', () => {
    expect(
      endOf(decides('7+0|COMPLETED|0:0|00:00:03|', '7+0.batch|COMPLETED|0:0|00:00:03|', '7+1|NODE_FAIL|0:0|00:00:03|'))
        .state,
    ).toBe('NODE_FAIL');
    expect(decides('7_1|FAILED|1:0|00:00:03|', '7_2|RUNNING|0:0|00:00:03|').kind).toBe('not_yet');
  });
  it('skips a banner, CRLF and rows of other jobs', () => {
    const text = `Welcome | to | n1\r\n${SHORT}\r\n71|FAILED|1:0|00:00:01|\r\n7|COMPLETED|0:0|00:00:03|\r\n`;
    expect(endOf(judgeAccounting(ran(text), { jobId: '7' })).state).toBe('COMPLETED');
  });

  it('knows an answer without the job from no answer', () => {
    expect(decides().kind).toBe('none');
    expect(decides('71|FAILED|1:0|00:00:01|').kind).toBe('none');
  });
  it.each([
    ['no text', ran('')],
    ['a banner alone', ran('Welcome\n')],
    [
      'no database',
      ran('', {
        exitCode: 1,
        stderr:
          'sacct: error: slurm_persist_conn_open_without_init: failed to open persistent connection to host:localhost:6819: Connection refused\nsacct: error: Sending PersistInit msg: Connection refused\nsacct: error: Problem talking to the database: Connection refused\n',
      }),
    ],
    [
      'no database, and a status of 0',
      ran(`${SHORT}\n`, { stderr: 'sacct: error: Problem talking to the database: Connection refused\n' }),
    ],
    ['rows, and a bad status', ran(table(SHORT, '7|COMPLETED|0:0|00:00:03|'), { exitCode: 1 })],
    ['no answer in time', ran(table(SHORT, '7|COMPLETED|0:0|00:00:03|'), { exitCode: null, timedOut: true })],
    ['no sacct', ran('', { exitCode: null, spawnError: 'ENOENT' })],
    [
      'words of the site',
      ran('', {
        exitCode: 1,
        stderr: 'NOTE: Slurm accounting storage is disabled tonight from 8 to 9\nsacct: error: x\n',
      }),
    ],
  ])('no answer: %s', (_name, facts) => {
    expect(judgeAccounting(facts, { jobId: '7' }).kind).toBe('no_answer');
  });
  it('knows that a cluster keeps no books', () => {
    expect(
      judgeAccounting(ran('', { exitCode: 1, stderr: 'Slurm accounting storage is disabled\n' }), { jobId: '7' }).kind,
    ).toBe('off');
  });

  describe('by name', () => {
    const requeued = [
      '7|k|2026-11-24T11:01:52|2026-11-24T11:02:10|2026-11-24T11:02:18|PREEMPTED|0:0|0:0|00:00:08|00:10:00|00:00:00|1|200M||n1|main|normal',
      '7.batch|batch|2026-11-24T11:01:52|2026-11-24T11:01:52|2026-11-24T11:02:18|CANCELLED|||00:00:26||00:00:00|1|||n1||',
      '7|k|2026-11-24T11:02:18|2026-11-24T11:04:00|2026-11-24T11:04:10|COMPLETED|0:0|0:125|00:00:10|00:10:00|00:05.500|2|4Gn||n2|main|normal',
      '7.batch|batch|2026-11-24T11:04:00|2026-11-24T11:04:00|2026-11-24T11:04:10|COMPLETED|0:0||00:00:10||00:05.500|2||1G|n2||',
    ];
    const byName = (...rows: string[]): ReturnType<typeof judgeAccounting> =>
      judgeAccounting(ran(table(LONG, ...rows)), { jobId: '7', key: 'k' });

    it('takes the last start of a requeued job', () => {
      expect(endOf(byName(...requeued))).toMatchObject({
        name: 'k',
        state: 'COMPLETED',
        derivedExitCode: '0:125',
        submittedAt: '2026-11-24T11:02:18.000Z',
        startedAt: '2026-11-24T11:04:00.000Z',
        endedAt: '2026-11-24T11:04:10.000Z',
        timeLimitSeconds: 600,
        cpuSeconds: 5.5,
        allocatedCpus: 2,
        requestedMemory: { bytes: 4 * 2 ** 30, per: 'node' },
        maxRss: '1G',
        nodes: 'n2',
        restarts: 1,
        steps: [{ id: '7.batch', state: 'COMPLETED', exitCode: '0:0' }],
      });
    });
    it('does so whatever order they come in', () => {
      expect(endOf(byName(...requeued.slice(2), ...requeued.slice(0, 2))).state).toBe('COMPLETED');
    });
    // As 22.05.8 prints it.
    it('waits for a requeued job that is queued again', () => {
      const again =
        '7|k|2026-11-24T11:02:18|Unknown|Unknown|PENDING|0:0|0:0|00:00:00|00:10:00|00:00:00|1|200M||None assigned|main|normal';
      expect(byName(...requeued.slice(0, 2), again)).toMatchObject({ kind: 'not_yet', state: 'PENDING' });
    });
    it('does not report an older or newer job of the same id (submitit 1660)', () => {
      const other =
        '7|old|2020-11-24T11:02:18|2020-11-24T11:04:00|2020-11-24T11:04:10|FAILED|1:0|0:0|00:00:10|00:10:00|00:00.1|2|4Gn||n2|main|normal';
      expect(byName(other)).toEqual({ kind: 'other_job', words: 'job 7 is another one, named old' });
      expect(endOf(byName(other, ...requeued.slice(2))).state).toBe('COMPLETED');
    });
  });
});

describe('usage', () => {
  const end = endOf(
    judgeAccounting(
      ran(
        table(
          LONG,
          '7|k|2026-11-24T11:02:18|2026-11-24T11:04:00|2026-11-24T11:05:40|COMPLETED|0:0|0:0|00:01:40|00:10:00|01:00.000|2|2000Mc||n2|main|normal',
          '7.batch|batch|2026-11-24T11:04:00|2026-11-24T11:04:00|2026-11-24T11:04:10|COMPLETED|0:0||00:01:40||01:00.000|2||1000M|n2||',
        ),
      ),
      { jobId: '7', key: 'k' },
    ),
  );
  it('is what the manifest records', () => {
    expect(usageOf(end)).toEqual({
      wall_seconds: 100,
      cpu_seconds: 60,
      max_rss_bytes: 1000 * 2 ** 20,
      source: 'sacct',
      samples: null,
    });
  });
  it('is reported beside what the job had, as seff does', () => {
    expect(efficiencyOf(end)).toEqual([
      'time: 100 of 600 s (17 %)',
      'processors: 60.0 of 200 core-seconds on 2 (30 %)',
      'memory: 1000 of 4000 MiB (25 %)',
    ]);
  });
  it('is nothing for a job that never started', () => {
    const never = endOf(judgeAccounting(ran(table(SHORT, '7|CANCELLED by 0|0:0|00:00:00|')), { jobId: '7' }));
    expect(usageOf(never)).toBeNull();
    expect(efficiencyOf(never)).toEqual([]);
  });
  it('of a job of which nothing was measured says so by null', () => {
    const short = endOf(decides('7|OUT_OF_MEMORY|0:125|00:00:02|', '7.batch|OUT_OF_MEMORY|0:125|00:00:02|'));
    expect(usageOf(short)).toMatchObject({ wall_seconds: 2, cpu_seconds: null, max_rss_bytes: null });
  });
});

describe('values', () => {
  it.each([
    ['00:00:03', 3],
    ['1-02:03:04', 93_784],
    ['01:05', 65],
    ['00:01.086', 1.086],
    ['1-00:00:00.5', 86_400.5],
    ['0:11', 11],
    ['', null],
    ['UNLIMITED', null],
    ['Partition_Limit', null],
    ['INVALID', null],
  ])('seconds of %j', (text, seconds) => {
    expect(readSeconds(text)).toBe(seconds);
  });
  it.each([
    ['83688K', 83688 * 1024, null],
    ['1.50M', 1572864, null],
    ['4Gn', 2 ** 32, 'node'],
    ['2000Mc', 2000 * 2 ** 20, 'cpu'],
    ['200', 200, null],
  ])('memory of %j', (text, bytes, per) => {
    expect(readMemoryBytes(text)).toEqual({ bytes, per });
  });
  it.each(['', '0', '0K', '?', '-'])('no memory in %j', (text) => {
    expect(readMemoryBytes(text)).toBeNull();
  });
  it('times with a zone, and in our own', () => {
    expect(readTime('2026-11-24T20:02:18+0900')).toBe('2026-11-24T11:02:18.000Z');
    expect(readTime('2026-11-24T11:02:18')).toBe('2026-11-24T11:02:18.000Z');
    expect(readTime('Unknown')).toBeNull();
    expect(readTime('2026-13-24T11:02:18')).toBeNull();
  });
  it('exit codes', () => {
    expect(readExitCode('0:125')).toEqual({ code: 0, signal: 125 });
    expect(readExitCode('')).toBeNull();
  });
  it('nothing from a text that is no table', () => {
    expect(parseAccounting('')).toEqual([]);
  });
});
