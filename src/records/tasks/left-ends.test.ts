import { describe, expect, it } from 'vitest';
import { endsLeft, type LeftReceipts } from './left-ends.ts';
import { receiptNameOf } from './task-files.ts';
import { parseTaskExit, type TaskExit } from './task-receipt.ts';

const EXIT: TaskExit = {
  ...{ attempt: 0, exit_code: 0, signal: null, ended_by: null, start_error: null, oom: null },
  ...{ started_at: 'then', ended_at: 'now', wall_seconds: 1, cpu_seconds: 2, max_rss_bytes: 3 },
};

const TOLD = { exit_code: null, signal: 'SIGTERM', job_signal: 'SIGTERM' } as const;

function left(names: readonly string[], exit: Partial<TaskExit> = {}, more: Partial<LeftReceipts> = {}) {
  return endsLeft({
    count: 1,
    names: names.flatMap((name) => receiptNameOf(name) ?? []),
    exitOf: () => ({ ...EXIT, ...exit }),
    claimOf: () => ({ kind: 'supervisor', node: 'n', claimed_at: 'first' }),
    startOf: () => null,
    executor: 'local',
    areHere: true,
    ...more,
  })[0];
}

describe('endsLeft', () => {
  it.each([
    [[], {}, 'not_started', 'tasks.not_started'],
    [['cancel.0'], {}, 'cancelled', 'run.cancelled'],
    [['claim.0.0'], {}, 'end_unknown', 'tasks.end_unknown'],
    [['claim.0.0', 'cancel.0'], {}, 'cancelled', 'run.cancelled'],
    [['claim.0.0', '0.started', 'cancel.0'], {}, 'end_unknown', 'tasks.end_unknown'],
    [['claim.0.0', '0.exit'], {}, 'completed', null],
    [['claim.0.0', '0.exit'], { exit_code: 3 }, 'failed', 'local.failed'],
    [['claim.0.0', '0.exit'], { exit_code: null, signal: 'SIGKILL' }, 'failed', 'local.signal'],
    [['claim.0.0', '0.exit'], { exit_code: 1, oom: true }, 'failed', 'local.out_of_memory'],
    [['claim.0.0', '0.exit'], { exit_code: null, start_error: 'no bash' }, 'failed', 'local.start_failed'],
    [['claim.0.0', '0.exit'], { exit_code: null, ended_by: 'time_limit' }, 'failed', 'local.timeout'],
    [['claim.0.0', '0.exit'], { exit_code: null, ended_by: 'request' }, 'cancelled', 'run.cancelled'],
    // Slurm ends its job before the request is seen there.
    [['claim.0.0', '0.exit', 'cancel.0'], TOLD, 'cancelled', 'run.cancelled'],
    [
      ['claim.0.0', '0.exit', 'cancel.0'],
      { ...TOLD, started_at: null, start_error: 'x' },
      'cancelled',
      'run.cancelled',
    ],
    [['claim.0.0', '0.exit'], TOLD, 'failed', 'local.signal'],
    // The receipt is of the attempt before.
    [['claim.0.0', 'claim.0.1', '0.exit'], {}, 'end_unknown', 'tasks.end_unknown'],
    [['claim.0.0', 'claim.0.1', '0.exit'], { attempt: 1 }, 'completed', null],
  ] as const)('%j with %j: %s', (names, exit, state, code) => {
    expect(left(names, exit)).toMatchObject({ index: 0, state, code });
  });

  it('knows nothing of a claim without its line, and of an end that is cut off', () => {
    const cut = { claimOf: () => null, exitOf: () => null };
    const claimed = left(['claim.0.0'], {}, cut);
    expect(claimed).toMatchObject({ state: 'end_unknown', attempts: 0, owner: null, node: null });
    const ended = left(['claim.0.0', '0.started', '0.exit'], {}, { exitOf: () => null });
    expect(ended).toMatchObject({
      state: 'end_unknown',
      attempts: 1,
      message: 'It began, and left no receipt of its end.',
    });
  });

  it('says who began it, how often, and what it used', () => {
    expect(left(['claim.0.0', 'claim.0.1', '0.exit'], { attempt: 1 })).toEqual({
      ...{ index: 0, state: 'completed', code: null, message: null, attempts: 2, owner: 'local', node: 'n' },
      ...{ exit_code: 0, signal: null, started_at: 'then', ended_at: 'now', wall_seconds: 1 },
      ...{ cpu_seconds: 2, max_rss_bytes: 3 },
    });
    const claimOf = () =>
      ({ kind: 'element', node: 'n', claimed_at: 'x', array_job_id: '7', array_task_id: 3 }) as const;
    expect(left(['claim.0.0', '0.started'], {}, { claimOf })).toMatchObject({ owner: '7_3', started_at: 'x' });
  });

  it.each([
    [['claim.0.0'], null, 0, 'It was claimed, and nothing says whether it began.'],
    [['claim.0.0', '0.started'], null, 1, 'It began, and left no receipt of its end.'],
    [['claim.0.0', '0.started', 'claim.0.1', '0.exit'], 0, 1, 'It began, and left no receipt of its end.'],
    [['claim.0.0', '0.started', 'claim.0.1', '0.exit'], 1, 2, 'It began, and left no receipt of its end.'],
  ] as const)('counts its starts, not its claims: %j', (names, attempt, attempts, message) => {
    const startOf = () => (attempt === null ? null : { attempt, started_at: 'y' });
    expect(left(names, {}, { startOf })).toMatchObject({ state: 'end_unknown', attempts, message });
  });

  it('does not call a task unstarted whose receipts are on another host', () => {
    expect(left([], {}, { areHere: false })).toMatchObject({ state: 'end_unknown', attempts: 0 });
  });

  it('takes what is no receipt for none', () => {
    expect(left(['claim.0.0', '0.exit'], {}, { exitOf: () => parseTaskExit('{}') })?.state).toBe('end_unknown');
    expect(left(['claim.0.0'], {}, { claimOf: () => null })).toMatchObject({ state: 'end_unknown', owner: null });
  });

  it('starts nothing that was to be taken over', () => {
    const claimOf = () => ({ kind: 'reused', node: 'n', claimed_at: 'x' }) as const;
    expect(left(['claim.0.0'], {}, { claimOf })).toMatchObject({ state: 'not_started', attempts: 0, owner: null });
  });
});
