import { describe, expect, it } from 'vitest';
import { atSecond, outcome, read, submitted, viewAfter } from '../../test/support/slurm-journal.ts';
import { replay, resultOf } from './run-view.ts';

const TRIED = ['submit', 'submit.tried', { attempt: 1 }] as const;

describe('replay', () => {
  it('needs a run that was opened', () => {
    expect(replay([], { lines: 0, head: '' })).toBeNull();
  });

  it('begins without a job', () => {
    expect(viewAfter([])).toMatchObject({
      openedAt: atSecond(0),
      job: null,
      submissions: { tried: 0, unanswered: false, resubmit: true, doubtful: null, renamed: null },
      hopeless: null,
      reads: [],
      lastRead: null,
      lastEpoch: 1,
    });
  });

  it('counts the calls of sbatch, and knows which of them has no answer', () => {
    expect(viewAfter([TRIED]).submissions).toMatchObject({ tried: 1, unanswered: true });
    const settled = ['submit', 'submit.settled', { found: 'none' }] as const;
    expect(viewAfter([TRIED, settled]).submissions).toMatchObject({ tried: 1, unanswered: false });
    expect(viewAfter([TRIED, settled, TRIED]).submissions).toMatchObject({ tried: 2, unanswered: true });
    expect(viewAfter([TRIED, settled, TRIED, submitted('7')]).submissions).toMatchObject({
      tried: 2,
      unanswered: false,
    });
  });

  it('keeps what sbatch said where that may be a refusal, until it is called again', () => {
    const doubtful = ['submit', 'submit.doubtful', { words: 'no such thing' }] as const;
    expect(viewAfter([TRIED, doubtful]).submissions).toMatchObject({ doubtful: 'no such thing', unanswered: true });
    expect(viewAfter([TRIED, doubtful, TRIED]).submissions.doubtful).toBeNull();
  });

  it('knows a site that changes jobs, and the name that it gave', () => {
    const changed = (name?: string | null) => ['submit', 'submit.hold_ignored', { words: 'RUNNING', name }] as const;
    expect(viewAfter([TRIED, changed('site-job')]).submissions).toMatchObject({ resubmit: false, renamed: 'site-job' });
    expect(viewAfter([TRIED, changed(null)]).submissions).toMatchObject({ resubmit: false, renamed: null });
    // Written before names were.
    expect(viewAfter([TRIED, changed()]).submissions).toMatchObject({ resubmit: false, renamed: null });
  });

  it('follows a job from its id to its release', () => {
    const lines = [submitted('7', { cluster: 'gpu', adopted: true })] as const;
    const job = { job_id: '7', submitted_as: '7', followed: [], cluster: 'gpu', adopted: true, at: atSecond(1) };
    expect(viewAfter(lines).job).toEqual({ ...job, releasing: false, released: false });
    const releasing = ['submit', 'job.releasing'] as const;
    expect(viewAfter([...lines, releasing]).job).toEqual({ ...job, releasing: true, released: false });
    const released = viewAfter([...lines, releasing, ['submit', 'job.released']]).job;
    expect(released).toEqual({ ...job, releasing: true, released: true });
  });

  it('follows the copy that owns the run, and remembers what was submitted', () => {
    const owner = ['wait', 'job.owner', { job_id: '8', instead_of: '7', evidence: 'why' }] as const;
    expect(viewAfter([submitted('7'), owner]).job).toMatchObject({ job_id: '8', submitted_as: '7', followed: ['why'] });
    expect(viewAfter([owner]).job).toBeNull();
  });

  it('takes a release without a job for nothing', () => {
    expect(
      viewAfter([
        ['submit', 'job.releasing'],
        ['submit', 'job.released'],
      ]).job,
    ).toBeNull();
  });

  it('keeps why a job can never start, and who cancelled first', () => {
    const view = viewAfter([
      ['wait', 'job.hopeless', { reason: 'BadConstraints' }],
      ['wait', 'cancel.requested', { by: 'ada' }],
      ['confirm', 'cancel.requested', { by: 'bob' }],
    ]);
    expect(view).toMatchObject({ hopeless: 'BadConstraints', cancel: { by: 'ada', at: atSecond(2) } });
  });

  it('knows when the scheduler was asked, and what it said last', () => {
    const view = viewAfter([read('submit', 'squeue', 'none'), submitted('7'), read('wait', 'squeue', 'RUNNING')]);
    expect(view.reads).toEqual([atSecond(1), atSecond(3)]);
    expect(view.lastRead).toMatchObject({ command: 'squeue', answer: 'RUNNING' });
  });

  it('passes over events that it does not know', () => {
    expect(viewAfter([['submit', 'job.painted', { color: 'red' }]])).toMatchObject({ job: null, closed: null });
  });
});

describe('resultOf', () => {
  it('is there once the step has ended with one, well or badly', () => {
    const result = { job_id: '7', evidence: [] };
    expect(resultOf(viewAfter([]), 'submit')).toBeNull();
    expect(resultOf(viewAfter([['submit', 'step.intent']]), 'submit')).toBeNull();
    expect(resultOf(viewAfter([outcome('submit', 'skipped', { result })]), 'submit')).toBeNull();
    expect(resultOf(viewAfter([outcome('submit', 'done')]), 'submit')).toBeNull();
    expect(resultOf(viewAfter([outcome('submit', 'done', { result })]), 'submit')).toEqual(result);
    expect(resultOf(viewAfter([outcome('submit', 'failed', { result })]), 'submit')).toEqual(result);
  });
});
