import { describe, expect, it } from 'vitest';
import {
  AT,
  BEGUN,
  byUser,
  CANCELLED,
  cases,
  CLAIM,
  CLAIMED,
  COMPLETED,
  endOf,
  endsOf,
  failed,
  left,
  NEVER,
  NODE_FAIL,
  PREEMPTED,
  receipt,
  ROW,
  row,
  SIGTERM,
  TIMEOUT,
  UNCLAIMED,
  unknownEnd,
  WITHDRAWN,
} from '../../../../test/support/element-ends.ts';
import type { TaskOnSlurm } from './tasks-on-slurm.ts';

describe('a task that nobody claimed', () => {
  const never = row('CANCELLED', '0:0', { ...byUser, ...NEVER });
  const refused = {
    code: 'slurm.refused',
    message: 'Its job can never start on this cluster: PartitionDown.',
  } as const;
  const stopped = [
    'not_started',
    'tasks.not_started',
    'Too many tasks had failed before it began (max_failures).',
  ] as const;
  cases('because of', [
    ['its cancel', { ...UNCLAIMED, cancelled: true }, [], WITHDRAWN],
    ['the cancel of the run', UNCLAIMED, [never], WITHDRAWN, { runCancelled: true }],
    ['the cancel of the run, of which only the stop is known', UNCLAIMED, [], WITHDRAWN, { stopped: 'cancelled' }],
    ['max_failures', UNCLAIMED, [], stopped, { stopped: 'max_failures' }],
    ['max_failures, seen by the fence', UNCLAIMED, [row('FAILED', '98:0')], stopped, { stopped: 'max_failures' }],
    [
      'its node, before all that',
      UNCLAIMED,
      [row('NODE_FAIL')],
      ['not_started', 'slurm.node_fail', 'Its job ended as NODE_FAIL: a node of it failed (n1).'],
      { stopped: 'max_failures', runCancelled: true },
    ],
    [
      'a cancel from outside, by the row of all',
      UNCLAIMED,
      [],
      ['cancelled', 'slurm.cancelled', 'Its job was cancelled before it began, and not by autolab.'],
      { cancelledArray: '700' },
    ],
    [
      'a cancel from outside, by its own row',
      UNCLAIMED,
      [never],
      ['cancelled', 'slurm.cancelled', 'Its job was cancelled by user 1000 before it started, and not by autolab.'],
    ],
    [
      'nothing that is known',
      UNCLAIMED,
      [],
      ['not_started', 'slurm.vanished', 'The site accepted its job, and does not know it any more; it never began.'],
      { cancelledArray: '710' },
    ],
    [
      'an array that can never start, which autolab then cancels',
      UNCLAIMED,
      [],
      ['not_started', refused.code, refused.message],
      { notSubmitted: () => refused, cancelledArray: '700' },
    ],
    [
      'an array that was not submitted',
      UNCLAIMED,
      [],
      ['not_started', 'tasks.not_started', 'It was not submitted.'],
      { elementOf: () => null },
    ],
    [
      'a job that ended at its fence',
      UNCLAIMED,
      [row('FAILED', '98:0')],
      ['not_started', 'tasks.not_started', 'Its job ended before it began.'],
    ],
    [
      'a node that refused its job, which Slurm took for running',
      UNCLAIMED,
      [row('TIMEOUT')],
      [
        'not_started',
        'slurm.start_failed',
        'Its job counted as running on n1 until its time limit, and its script did not begin.',
      ],
    ],
    [
      'log files that cannot be made',
      UNCLAIMED,
      [row('FAILED', '0:53')],
      [
        'not_started',
        'slurm.failed',
        'Its job ended with 0:53, which Slurm reports if the log files cannot be opened on the node; nothing ran.',
      ],
    ],
  ]);
});

describe('a task whose element left word why it did not begin', () => {
  const couldNot = { exit_code: null, started_at: null, wall_seconds: 0, start_error: 'the script ended with 3' };
  const words = 'It could not be started: the script ended with status 3 at docs/environment.md, line 4: "false".';
  const receipts = [receipt('left', { task: 0 })];
  cases('by its receipt', [
    ['with that of its end', left(couldNot), [row('FAILED', '3:0')], failed('slurm.not_started', words), { receipts }],
    ['without it', CLAIMED, [row('FAILED', '3:0')], failed('slurm.not_started', words), { receipts }],
    ['without a row', CLAIMED, [], failed('slurm.not_started', words), { receipts }],
    [
      'without a line',
      CLAIMED,
      [],
      failed('slurm.not_started', 'It could not be started: the script ended with status 0.'),
      { receipts: [receipt('left', { exit_code: 0, line: null })] },
    ],
    [
      'of the code',
      left({ ...couldNot, start_error: 'x' }),
      [],
      failed('slurm.code_changed', 'It could not be started: the code is not what was approved.'),
      { receipts: [receipt('code_changed')] },
    ],
    ['but Slurm says more', left(couldNot), [row('NODE_FAIL')], NODE_FAIL, { receipts: [receipt('signal')] }],
    [
      'but it is of another start',
      left(couldNot),
      [],
      failed('slurm.failed', 'It could not be started: the script ended with 3.'),
      { receipts: [receipt('left', { restart_count: 1 })] },
    ],
    [
      'but it is of another job',
      left(couldNot),
      [],
      failed('slurm.failed', 'It could not be started: the script ended with 3.'),
      { receipts: [receipt('left', { job_id: '9' })] },
    ],
    ['but it began', BEGUN, [], unknownEnd('nothing is known of its job'), { receipts }],
  ]);
});

describe('workers', () => {
  const workers = { workers: true };
  const untaken = (words: string, code = 'tasks.not_started') =>
    ['not_started', code, `No worker took it (${words}).`] as const;
  const last = (restarts: number, at: string): TaskOnSlurm =>
    left({}, { claim: { ...CLAIM, restart_count: restarts, element_started_at: at } });

  cases('a task in hand, and the end of its worker', [
    ['COMPLETED', BEGUN, [ROW], unknownEnd('its worker ended as COMPLETED 0:0'), workers],
    [
      'killed as it wrote its claim',
      { ...CLAIMED, claim: null },
      [row('FAILED', '0:9')],
      [
        ...(['end_unknown', 'tasks.end_unknown'] as const),
        'It was claimed, and nothing says whether it began: nothing is known of its job.',
      ],
      workers,
    ],
    ['FAILED', BEGUN, [row('FAILED', '1:0')], unknownEnd('its worker ended as FAILED 1:0'), workers],
    ['TIMEOUT', BEGUN, [row('TIMEOUT')], TIMEOUT, workers],
    ['NODE_FAIL', BEGUN, [row('NODE_FAIL')], NODE_FAIL, workers],
    ['CANCELLED, after a request', BEGUN, [row('CANCELLED')], CANCELLED, { ...workers, runCancelled: true }],
  ]);

  cases('a receipt, and the end of the worker', [
    ['later', left({}), [row('TIMEOUT')], COMPLETED, workers],
    ['during the task, which ended with 0', left({ job_signal: 'SIGTERM' }), [row('TIMEOUT')], TIMEOUT, workers],
    ['during the task', left(SIGTERM), [row('PREEMPTED')], PREEMPTED, workers],
    ['by the cancel of the run', left(SIGTERM), [row('CANCELLED')], CANCELLED, { ...workers, runCancelled: true }],
    [
      'by itself',
      left({ exit_code: 3 }),
      [row('FAILED', '1:0')],
      failed('slurm.failed', 'It ended with exit code 3.'),
      workers,
    ],
  ]);

  it.each([
    ['a requeue', last(1, AT(4))],
    ['a controller that crashed', last(0, AT(4))],
  ])('were started again by %s: the row is not of the start before', (_, later) => {
    const [end] = endsOf([BEGUN, later], [row('TIMEOUT', '0:0', { startedAt: AT(4) })], workers);
    expect([end?.state, end?.code, end?.message]).toEqual(
      unknownEnd(`its job was started again at ${AT(4)}, and the record is of that start`),
    );
  });

  it.each([
    ['some ended', [ROW], {}, ...untaken('1 worker: ended as COMPLETED 0:0')],
    [
      'time was too short',
      [ROW, row('COMPLETED', '0:0', { element: '700_1' })],
      { receipts: [receipt('time'), receipt('time', { array_task_id: 1 })] },
      ...untaken('2 workers: its time was too short for another task'),
    ],
    [
      'one had none left to take, and one was killed',
      [ROW, row('NODE_FAIL', '0:0', { element: '700_1' })],
      { receipts: [receipt('none_left')] },
      ...untaken('1 worker: no task was left that nobody had; 1 worker: ended as NODE_FAIL 0:0'),
    ],
    [
      'the activation failed',
      [row('FAILED', '3:0')],
      { receipts: [receipt('left')] },
      ...untaken(
        '1 worker: the script ended with status 3 at docs/environment.md, line 4: "false"',
        'slurm.not_started',
      ),
    ],
    [
      'the code changed, as the last start saw',
      [row('FAILED', '97:0')],
      { receipts: [receipt('code_changed', { restart_count: 1 }), receipt('time')] },
      ...untaken('1 worker: the code is not what was approved', 'slurm.code_changed'),
    ],
    [
      'one had no time, one the code against it',
      [],
      { receipts: [receipt('code_changed'), receipt('time', { array_task_id: 1 })] },
      ...untaken('1 worker: the code is not what was approved; 1 worker: its time was too short for another task'),
    ],
    [
      'all were cancelled while they waited',
      [],
      { cancelledArray: '700' },
      ...['cancelled', 'slurm.cancelled', 'Its job was cancelled before it began, and not by autolab.'],
    ],
    [
      'the site does not know them',
      [],
      {},
      ...[
        'not_started',
        'slurm.vanished',
        'The site accepted the workers, and does not know them any more; it never began.',
      ],
    ],
    [
      'they can never start',
      [],
      { notSubmitted: () => ({ code: 'slurm.refused', message: 'never' }) as const },
      ...['not_started', 'slurm.refused', 'never'],
    ],
  ] as const)('took no task: %s', (_, rows, more, ...expected) => {
    const { state, code, message } = endOf(UNCLAIMED, rows, { ...workers, ...more });
    expect([state, code, message]).toEqual(expected);
  });

  it('are not taken for begun because a task is taken over', () => {
    const reused = { ...CLAIMED, claim: { kind: 'reused', node: 'n', claimed_at: AT(0) } } as const;
    expect(endsOf([reused, UNCLAIMED], [], workers)[1]?.code).toBe('slurm.vanished');
  });
});

describe('the record of a task', () => {
  const nothing = { exit_code: null, signal: null, cpu_seconds: null, max_rss_bytes: null };
  const untimed = { started_at: null, ended_at: null, wall_seconds: null };
  const ours = { owner: '700_0', node: 'n1' };
  it.each([
    [
      'by its receipt',
      left({ exit_code: 3 }),
      [row('FAILED', '3:0')],
      { attempts: 1, exit_code: 3, started_at: AT(2), ended_at: AT(4), wall_seconds: 120, cpu_seconds: 90, ...ours },
    ],
    [
      'by the row of its job',
      BEGUN,
      [row('NODE_FAIL')],
      { attempts: 1, ...nothing, started_at: AT(2), ended_at: AT(6), wall_seconds: 300, ...ours },
    ],
    ['of a second start', BEGUN, [row('FAILED', '98:0')], { attempts: 1, ...nothing, ...untimed, started_at: AT(2) }],
    ['that did not begin', CLAIMED, [row('NODE_FAIL')], { attempts: 0, ...nothing, ...untimed, ...ours }],
    [
      'that could not be started',
      left({ exit_code: null, started_at: null, start_error: 'x' }),
      [ROW],
      { attempts: 0, ...nothing, ...untimed },
    ],
    ['that nobody claimed', UNCLAIMED, [ROW], { attempts: 0, ...nothing, ...untimed, owner: null, node: null }],
  ])('says only what was so: %s', (_, task, rows, expected) => {
    expect(endOf(task, rows)).toMatchObject(expected);
  });

  it.each([
    ['TIMEOUT', { started_at: AT(2), ended_at: AT(6), wall_seconds: 240 }],
    ['COMPLETED', { started_at: AT(2), ended_at: null, wall_seconds: null }],
  ])('does not take the time of a worker for its own: %s', (state, expected) => {
    expect(endOf(BEGUN, [row(state)], { workers: true })).toMatchObject(expected);
  });
});
