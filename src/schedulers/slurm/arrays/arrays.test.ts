import { describe, expect, it } from 'vitest';
import type { Ran } from '../answer.ts';
import { judgeHeldArray } from './array-held.ts';
import { judgeRoom, largestArray } from './array-limits.ts';
import { asOneJob, judgeArrays, withoutHeldCopies, wordsOfArrays } from './array-queue.ts';
import { judgeElements, rememberedElements } from './element-rows.ts';
import { readIndices } from './index-list.ts';

/** Answers of Slurm 22.05.8. */

const ran = (stdout: string, more: Partial<Ran> = {}): Ran => ({
  ...{ exitCode: 0, signal: null, timedOut: false, spawnError: null, stdout, stderr: '' },
  ...more,
});

const KEY = 'autolab-r1-abc.0';

describe('readIndices', () => {
  it.each([
    ['3', [3]],
    ['0-2,4-6%4', [0, 1, 2, 4, 5, 6]],
    ['[1-7:2]', [1, 3, 5, 7]],
  ])('reads %s', (text, indices) => {
    expect(readIndices(text)).toEqual(indices);
  });

  it.each(['N/A', '1,4,9,324,...%1', '', '1-'])('takes %s for no list', (text) => {
    expect(readIndices(text)).toBeNull();
  });
});

describe('judgeArrays', () => {
  const names = [KEY, 'autolab-r1-abc.1'];
  const judge = (stdout: string) => judgeArrays(ran(stdout), { names, chdir: '/p' });

  it('counts elements that wait by their list, and others by their line', () => {
    const answer = judge(`17|2-9%4|PENDING|JobArrayTaskLimit,BeginTime|${KEY}|/p\n17|1|RUNNING|None|${KEY}|/p\n`);
    expect(answer.kind === 'listed' && wordsOfArrays(answer.lines)).toBe(
      '8 PENDING (JobArrayTaskLimit,BeginTime), 1 RUNNING',
    );
    expect(asOneJob(answer, 'all')).toMatchObject({ kind: 'listed', state: 'RUNNING' });
  });

  it('takes what remains of a cancelled array for no element', () => {
    const answer = judge(`17|N/A|CANCELLED|None|${KEY}|/p\n`);
    expect(asOneJob(answer, 'all')).toEqual({ kind: 'gone', state: 'CANCELLED' });
  });

  it('does not wait for a second copy of an array that nobody releases', () => {
    const all = judge(`7|0-1|PENDING|JobHeldUser|${KEY}|/p\n8|0-1|COMPLETED|None|${KEY}|/p\n`);
    expect(asOneJob(withoutHeldCopies(all, new Set(['8'])), 'all')).toMatchObject({ kind: 'gone' });
    expect(asOneJob(withoutHeldCopies(all, new Set(['7', '8'])), 'all')).toMatchObject({ state: 'PENDING' });
    const running = judge(`7|0|RUNNING|None|${KEY}|/p\n`);
    expect(withoutHeldCopies(running, new Set(['8']))).toEqual(running);
  });

  it('leaves out arrays of these names from another folder', () => {
    expect(judge(`17|0|RUNNING|None|${KEY}|/other\n`)).toEqual({ kind: 'listed', lines: [] });
  });
});

describe('judgeElements', () => {
  const head = 'JobID|JobIDRaw|JobName|State|ExitCode|DerivedExitCode|Elapsed|Timelimit|Submit|Start|End|NodeList\n';
  const times = '2026-11-29T13:02:49|2026-11-29T13:02:49|2026-11-29T13:02:51|n1';
  const judge = (rows: readonly string[]) => judgeElements(ran(`${head}${rows.join('\n')}\n`), [KEY]);

  it('counts only rows of their own: with index, our name, and a final state', () => {
    const answer = judge([
      `17_0|18|${KEY}|COMPLETED|0:0|0:0|00:00:02|00:02:00|${times}`,
      `17_1|19|${KEY}|REQUEUED|0:0|0:0|00:00:02|00:02:00|${times}`,
      `17_2|20|another|COMPLETED|0:0|0:0|00:00:02|00:02:00|${times}`,
      `701796|701796|allocation|COMPLETED|0:0|0:0|00:00:02|00:02:00|${times}`,
      `17_[3-9%3]|17|${KEY}|PENDING|0:0|0:0|00:00:00|00:02:00|2026-11-29T13:02:49|Unknown|Unknown|None assigned`,
    ]);
    expect(answer.kind === 'rows' && [...answer.ends.ended.keys()]).toEqual(['17_0']);
  });

  it('knows who cancelled the elements that never began', () => {
    const answer = judge([`17_[6-19%3]|17|${KEY}|CANCELLED by 0|0:0|0:0|00:00:00|00:02:00|${times}`]);
    expect(answer.kind === 'rows' && answer.ends.cancelled.get('17')).toBe('0');
  });

  it('tells a database that is away from an answer without rows', () => {
    expect(judgeElements(ran('', { exitCode: 1, stderr: 'sacct: error: no connection' }), [KEY]).kind).toBe(
      'no_answer',
    );
    expect(judgeElements(ran('', { exitCode: 1, stderr: 'Slurm accounting storage is disabled' }), [KEY]).kind).toBe(
      'off',
    );
  });
});

describe('rememberedElements', () => {
  const record = (id: string, index: string, state: string): string =>
    `JobId=${id} ArrayJobId=17${index === '' ? '' : ` ArrayTaskId=${index}`} JobName=${KEY} JobState=${state} ExitCode=3:0 Restarts=1 NodeList=n1`;

  it('has a row for each element that ended, and says whether more will come', () => {
    const lines = [record('18', '0', 'FAILED'), record('19', '1', 'COMPLETING'), 'JobId=5 JobName=other'];
    const found = rememberedElements(ran(lines.join('\n')), [KEY]);
    expect(found?.more).toBe(true);
    expect([...(found?.ends.ended ?? [])]).toMatchObject([
      ['17_0', { source: 'scontrol', state: 'FAILED', exitCode: '3:0', restarts: 1 }],
    ]);
    expect(rememberedElements(ran(record('18', '0', 'FAILED')), [KEY])?.more).toBe(false);
  });

  it.each(['2-9%4', ''])('knows that those which never began were cancelled: [%s]', (indices) => {
    const found = rememberedElements(ran(record('17', indices, 'CANCELLED')), [KEY]);
    expect([found?.ends.ended.size, found?.ends.cancelled.has('17'), found?.more]).toEqual([0, true, false]);
  });

  it('tells a controller that is away from one that has forgotten', () => {
    const away = 'slurm_load_jobs error: Unable to contact slurm controller (connect failure)';
    expect(rememberedElements(ran('', { exitCode: 1, stderr: away }), [KEY])).toBeNull();
    const forgotten = 'slurm_load_jobs error: Invalid job id specified';
    const found = rememberedElements(ran('', { exitCode: 1, stderr: forgotten }), [KEY]);
    expect([found?.ends.ended.size, found?.more]).toEqual([0, false]);
  });
});

describe('the room for an array', () => {
  it('is what the configuration says', () => {
    const config = (parameters: string) =>
      largestArray(ran(`MaxArraySize            = 1001\nSchedulerParameters     = ${parameters}\n`));
    expect([config('(null)'), config('bf_continue,max_array_tasks=80')]).toEqual([1001, 80]);
    expect(largestArray(ran('', { exitCode: 1 }))).toBeNull();
  });

  it.each([
    ['allocation failure: AssocMaxSubmitJobLimit', 'full'],
    ['allocation failure: QOSMaxSubmitJobPerUserLimit', 'full'],
    ['allocation failure: Resource temporarily unavailable', 'full'],
    ['allocation failure: Invalid account or account/partition combination specified', 'unknown'],
  ])('%s: %s', (words, kind) => {
    expect(judgeRoom(ran('', { exitCode: 1, stderr: words })).kind).toBe(kind);
  });
});

describe('judgeHeldArray', () => {
  const marks = { key: KEY, chdir: '/p', script: '/p/s', jobId: '17' };
  const record = (id: string, index: string, state: string, priority: string, reason: string): string =>
    `JobId=${id} ArrayJobId=17 ArrayTaskId=${index} JobName=${KEY} Priority=${priority} JobState=${state} Reason=${reason} WorkDir=/p`;

  it('is held as long as one record is', () => {
    const lines = [record('18', '0', 'COMPLETED', '1', 'None'), record('17', '1-3%2', 'PENDING', '0', 'JobHeldUser')];
    expect(judgeHeldArray(ran(lines.join('\n')), marks).kind).toBe('held');
  });

  it('is released if none is, and gone if all have ended', () => {
    const ended = record('18', '0', 'COMPLETED', '1', 'None');
    expect(judgeHeldArray(ran(`${ended}\n${record('17', '1-3', 'PENDING', '9', 'Resources')}`), marks).kind).toBe(
      'not_held',
    );
    expect(judgeHeldArray(ran(ended), marks).kind).toBe('gone');
  });
});
