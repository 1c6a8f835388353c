import { describe, expect, it } from 'vitest';
import { atSecond, outcome, submitted, viewAfter } from '../../../test/support/slurm-journal.ts';

const LOCAL = { launch_mode: 'local', slurm: null };
const AT_LAUNCH = { stage: 'launch', stage_attempt: 0, max_stage_attempts: 3 };
const FAILED_ONCE = { ...AT_LAUNCH, stage_attempt: 1 };
const INTENT = ['execute', 'step.intent', { attempt: 1, script_sha256: 'ab' }] as const;

describe('a step', () => {
  it('is pending from its intent to its outcome', () => {
    expect(viewAfter([INTENT], LOCAL).steps.get('execute')).toEqual({
      name: 'execute',
      attempts: 1,
      began: atSecond(1),
      ended: null,
      pending: true,
      intent: { attempt: 1, script_sha256: 'ab' },
      outcome: null,
    });
    const ended = viewAfter([INTENT, outcome('execute', 'done')], LOCAL).steps.get('execute');
    expect(ended).toMatchObject({ attempts: 1, began: atSecond(1), ended: atSecond(2), pending: false });
    expect(ended?.outcome?.status).toBe('done');
  });

  it('that is tried again counts, keeps when it first began, and has no outcome any more', () => {
    const view = viewAfter([INTENT, outcome('execute', 'failed'), INTENT], LOCAL);
    expect(view.steps.get('execute')).toMatchObject({ attempts: 2, began: atSecond(1), ended: null, pending: true });
    expect(view.steps.get('execute')?.outcome).toBeNull();
  });

  it('that is skipped has an outcome without an intent', () => {
    const step = viewAfter([outcome('sync_to_remote', 'skipped')]).steps.get('sync_to_remote');
    expect(step).toMatchObject({ attempts: 0, began: atSecond(1), ended: atSecond(1), pending: false });
  });

  it('keeps its place in the order of the first lines', () => {
    const view = viewAfter([
      INTENT,
      outcome('collect', 'failed'),
      outcome('execute', 'done'),
      outcome('salvage', 'done'),
    ]);
    expect([...view.steps.keys()]).toEqual(['execute', 'collect', 'salvage']);
  });

  it('that failed and will be retried moves the workflow', () => {
    const data = { code: 'sync.failed', message: 'No.', before: AT_LAUNCH, after: FAILED_ONCE };
    const view = viewAfter([['close', 'attempt.failed', data]]);
    expect(view).toMatchObject({ lastFailure: data, position: FAILED_ONCE });
    // The commands compare them by identity: whether the failure was the last that moved it.
    expect(view.position).toBe(view.lastFailure?.after);
  });
});

describe('a run', () => {
  it('is at the position, and in the place, in which its last driver found it', () => {
    const here = { project: '/p', inode: '1:2' };
    const there = { project: '/q', inode: '1:3' };
    expect(viewAfter([], { place: here }).place).toEqual(here);
    const resumed = (place?: object) => ['claim', 'run.resumed', { position: FAILED_ONCE, place }] as const;
    expect(viewAfter([resumed(there)], { place: here })).toMatchObject({ position: FAILED_ONCE, place: there });
    expect(viewAfter([resumed()], { place: here })).toMatchObject({ position: FAILED_ONCE, place: here });
    expect(viewAfter([resumed()]).place).toBeNull();
  });

  it('keeps what the user decided, and how it was closed', () => {
    const view = viewAfter([
      ['close', 'review.decided', { decision: 'pass', by: 'ada', note: 'good' }],
      ['close', 'run.closed', { code: 'run.accepted', status: 'synced' }],
    ]);
    expect(view.decision).toEqual({ by: 'ada', decision: 'pass' });
    expect(view.closed).toMatchObject({ code: 'run.accepted', status: 'synced', at: atSecond(2) });
  });

  it('is opened once', () => {
    const view = viewAfter([submitted('7'), ['claim', 'run.opened', { run_id: 'other' }]]);
    expect([view.openedAt, view.opened.run_id, view.job?.job_id]).toEqual([atSecond(0), undefined, '7']);
  });

  it.each([
    ['journal.truncated', { characters: 7 }],
    ['run.abandon', { by: 'ada', note: 'gone', evidence: 'none' }],
    ['job.start_lost', { evidence: 'it waited again' }],
    ['order.unanswered', { order: 'cancel', job_id: '7', words: 'no answer' }],
    ['submit.interrupted', { words: 'no answer' }],
  ])('is not changed by the evidence of %s', (event, data) => {
    const before = viewAfter([submitted('7')]);
    expect(viewAfter([submitted('7'), ['wait', event, data]])).toEqual({ ...before, head: { lines: 3, head: '' } });
  });

  it('remembers the cluster that answered first', () => {
    expect(viewAfter([['submit', 'cluster.named', { name: 'c1' }]]).cluster).toBe('c1');
  });
});

describe('the job of a run', () => {
  const started = { supervisor_pid: 7, started_at: '2026-11-24T10:00:00.000Z' };
  const STARTED = ['execute', 'run.started', started] as const;

  it('is one, and the run is a fold over it', () => {
    const view = viewAfter([submitted('7'), ['wait', 'job.hopeless', { reason: 'BadConstraints' }], STARTED]);
    expect(view.chunks).toHaveLength(1);
    const [chunk] = view.chunks;
    expect(chunk).toMatchObject({ index: 0, hopeless: 'BadConstraints', started: { ...started, at: atSecond(3) } });
    expect([view.job, view.started, view.hopeless]).toEqual([chunk.job, chunk.started, chunk.hopeless]);
  });

  it('has its logs: of the job that owns the run, or under names of their own', () => {
    const logsAfter = (...parameters: Parameters<typeof viewAfter>) => viewAfter(...parameters).chunks[0].logs;
    expect(logsAfter([], LOCAL)).toEqual({ stdout: 'stdout.log', stderr: 'stderr.log' });
    expect(logsAfter([])).toEqual({ stdout: 'slurm-not-submitted.out', stderr: 'slurm-not-submitted.err' });
    const owner = ['wait', 'job.owner', { job_id: '8', instead_of: '7', evidence: 'why' }] as const;
    expect(logsAfter([submitted('7')]).stdout).toBe('slurm-7.out');
    expect(logsAfter([submitted('7'), owner]).stdout).toBe('slurm-8.out');
  });

  it.each([
    ['execute', 'done'],
    ['execute', 'failed'],
    ['submit', 'failed'],
    ['wait', 'failed'],
    ['confirm', 'failed'],
    ['confirm', 'done'],
  ])('ends with %s %s', (step, status) => {
    expect(viewAfter([outcome(step, status)]).chunks[0].outcome?.status).toBe(status);
  });

  it.each([
    ['submit', 'done'],
    ['wait', 'done'],
    ['execute', 'skipped'],
    ['collect', 'done'],
    ['collect', 'failed'],
    ['salvage', 'done'],
  ])('does not end with %s %s', (step, status) => {
    expect(viewAfter([outcome(step, status)]).chunks[0].outcome).toBeNull();
  });

  it('has not ended while the step that failed is tried again', () => {
    const view = viewAfter([
      outcome('submit', 'failed', { retryable: true }),
      ['submit', 'step.intent', { attempt: 2 }],
    ]);
    expect(view.chunks[0].outcome).toBeNull();
  });
});
