import { describe, expect, it } from 'vitest';
import { atSecond, outcome, submitted, viewAfter, type Written } from '../../test/support/slurm-journal.ts';
import { queueTimes } from './queue-times.ts';

const STARTED: Written = ['wait', 'run.started', { supervisor_pid: null, started_at: atSecond(11) }];
const confirmed = (used: object | null): Written =>
  outcome('confirm', 'done', { result: { started_at: atSecond(10), ended_at: atSecond(50), used } });
const LOCAL = { launch_mode: 'local', slurm: null };

describe('times of a run', () => {
  it('waits in the queue until it begins, and runs until it ends', () => {
    const queued = viewAfter([submitted('7')]);
    expect(queueTimes(queued, atSecond(9))).toEqual({ began_at: null, queued_seconds: 8, running_seconds: null });
    const running = viewAfter([submitted('7'), STARTED]);
    expect(queueTimes(running, atSecond(31))).toEqual({
      began_at: atSecond(11),
      queued_seconds: 10,
      running_seconds: 20,
    });
  });

  it('takes the measured time of a run that has ended', () => {
    const measured = viewAfter([submitted('7'), STARTED, confirmed({ wall_seconds: 39.5 })]);
    expect(queueTimes(measured, atSecond(59))).toMatchObject({ queued_seconds: 9, running_seconds: 39.5 });
    const not = viewAfter([submitted('7'), confirmed({ wall_seconds: null })]);
    expect(queueTimes(not, atSecond(59))).toMatchObject({ queued_seconds: 9, running_seconds: 40 });
  });

  it('has no queue without a job, and never runs backwards', () => {
    const local = viewAfter([['execute', 'run.started', { supervisor_pid: 1, started_at: atSecond(11) }]], LOCAL);
    expect(queueTimes(local, atSecond(3))).toMatchObject({ queued_seconds: null, running_seconds: 0 });
  });

  it('is not known of a run whose end nobody saw', () => {
    const lost = viewAfter([submitted('7'), STARTED, ['close', 'run.closed', { code: 'run.abandoned' }]]);
    expect(queueTimes(lost, atSecond(59))).toMatchObject({ queued_seconds: 10, running_seconds: null });
  });
});
