import { describe, expect, it, test } from 'vitest';
import {
  AT,
  BEGUN,
  BY_OTHERS,
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
  OOM,
  PREEMPTED,
  ROW,
  row,
  SIGTERM,
  STARTED_TWICE,
  TIMEOUT,
  UNCLAIMED,
  unknownEnd,
  WITHDRAWN,
} from '../../../../test/support/element-ends.ts';
import type { TaskClaim } from '../../../records/tasks/task-receipt.ts';
import type { ElementRow } from '../../../schedulers/slurm/arrays/element-rows.ts';
import { dependsOnBoot } from './start-of-row.ts';
import type { TaskOnSlurm } from './tasks-on-slurm.ts';

const AFTER_BOOT = row('CANCELLED', '0:0', { ...byUser, startedAt: AT(3) });
const BETWEEN = `the record is of a start at ${AT(3)}, and the run was claimed at ${AT(1)}; the controller was started in between, at ${AT(2)}`;

describe('a task with a receipt of its end', () => {
  cases('the receipt', [
    ['a good end', left({}), [ROW], COMPLETED],
    ['a good end of which Slurm knows nothing', left({}), [], COMPLETED],
    ['exit 3', left({ exit_code: 3 }), [row('FAILED', '3:0')], failed('slurm.failed', 'It ended with exit code 3.')],
    [
      'exit 3 that the script hides',
      left({ exit_code: 3 }),
      [ROW],
      failed('slurm.failed', 'It ended with exit code 3.'),
    ],
    [
      'a command that a signal ended',
      left({ exit_code: 139 }),
      [row('FAILED', '11:0')],
      failed('slurm.signal', 'It ended with exit code 139, by which a shell reports a signal.'),
    ],
    [
      'exit 98',
      left({ exit_code: 98 }),
      [row('FAILED', '98:0')],
      failed('slurm.failed', 'It ended with exit code 98.'),
    ],
    [
      'a SIGTERM that nobody of us sent',
      left(SIGTERM),
      [row('FAILED', '15:0')],
      failed('slurm.signal', 'It was ended by SIGTERM.'),
    ],
    [
      'its own limit',
      left({ exit_code: 0, ended_by: 'time_limit' }),
      [ROW],
      failed('slurm.timeout', 'It reached its time limit.'),
    ],
    ['its cancel', left({ exit_code: 0, ended_by: 'request' }, { cancelled: true }), [ROW], CANCELLED],
    [
      'fewer starts than the design asks for',
      left({ starts: { expected: 4, begun: 3 } }),
      [ROW],
      failed('slurm.starts_differ', 'Its command began 3 times; the design asks for 4.'),
    ],
  ]);

  cases('exit 0, and a worse word of Slurm', [
    ['FAILED', left({}), [row('FAILED', '1:0')], failed('slurm.failed', 'Its job ended with exit code 1.')],
    ['OUT_OF_MEMORY', left({}), [row('OUT_OF_MEMORY', '0:125')], OOM],
    ['NODE_FAIL', left({}), [row('NODE_FAIL')], NODE_FAIL],
    ['PREEMPTED', left({}), [row('PREEMPTED')], PREEMPTED],
    ['TIMEOUT', left({}), [row('TIMEOUT')], TIMEOUT],
    ['CANCELLED', left({}), [row('CANCELLED', '0:0', byUser)], BY_OTHERS],
    ['CANCELLED, after a request for it', left({}, { cancelled: true }), [row('CANCELLED')], CANCELLED],
    ['CANCELLED, after one for the run', left({}), [row('CANCELLED')], CANCELLED, { runCancelled: true }],
  ]);

  cases('told to end', [
    ['after a request, with no row', left(SIGTERM), [], CANCELLED, { runCancelled: true }],
    ['and it ended with a code', left({ exit_code: 1, job_signal: 'SIGTERM' }, { cancelled: true }), [], CANCELLED],
    ['by preemption, before a request', left(SIGTERM, { cancelled: true }), [row('PREEMPTED')], PREEMPTED],
    ['by its limit, before a request', left(SIGTERM, { cancelled: true }), [row('TIMEOUT')], TIMEOUT],
    ['by nobody knows whom', left(SIGTERM), [], failed('slurm.signal', 'It was ended by SIGTERM.')],
  ]);

  cases('and a row of another start', [
    ['that the fence stopped', left({}), [row('FAILED', '98:0')], COMPLETED],
    ['with another raw id', left({}), [row('FAILED', '98:0', { jobId: '702' })], COMPLETED],
    ['that was requeued after its end, and cancelled', left({}), [row('CANCELLED', '0:0', NEVER)], COMPLETED],
    ['much later', left({}), [row('NODE_FAIL', '0:0', { startedAt: AT(30) })], COMPLETED],
  ]);

  const unbegun = { exit_code: null, started_at: null, wall_seconds: 0, cpu_seconds: null };
  cases('but not of a start', [
    ['withdrawn', left({ ...unbegun, ended_by: 'request' }), [row('FAILED', '98:0')], WITHDRAWN],
    [
      'after too many failures',
      left({ ...unbegun, ended_by: 'request' }),
      [row('FAILED', '98:0')],
      ['not_started', 'tasks.not_started', 'Too many tasks had failed before it began (max_failures).'],
      { stopped: 'max_failures' },
    ],
    [
      'its logs cannot be written: 98 is no fence here',
      left({ ...unbegun, start_error: 'its log files cannot be written' }),
      [row('FAILED', '98:0')],
      failed('slurm.failed', 'It could not be started: its log files cannot be written.'),
    ],
    [
      'a code that Slurm cuts',
      left({ ...unbegun, start_error: 'the script ended with 137 before the task began' }),
      [row('FAILED', '9:0')],
      failed('slurm.failed', 'It could not be started: the script ended with 137 before the task began.'),
    ],
    ['a limit', left({ ...unbegun, start_error: 'x', job_signal: 'SIGTERM' }), [row('TIMEOUT')], TIMEOUT],
    [
      'the cancel of the run',
      left({ ...unbegun, start_error: 'x', job_signal: 'SIGTERM' }),
      [],
      WITHDRAWN,
      { runCancelled: true },
    ],
    [
      'other code',
      left({ ...unbegun, start_error: 'the code is not what was approved' }),
      [row('FAILED', '97:0')],
      failed('slurm.code_changed', 'The code is not what was approved; the entrypoint was not started: a.py.'),
      { codeChanged: ['a.py'] },
    ],
  ]);
});

describe('a task with a claim, and without a receipt', () => {
  cases('Slurm says', [
    ['nothing', BEGUN, [], unknownEnd('nothing is known of its job')],
    ['COMPLETED', BEGUN, [ROW], unknownEnd('its job ended as COMPLETED 0:0')],
    ['FAILED 3:0', BEGUN, [row('FAILED', '3:0')], failed('slurm.failed', 'Its job ended with exit code 3.')],
    ['OUT_OF_MEMORY', BEGUN, [row('OUT_OF_MEMORY', '0:125')], OOM],
    ['NODE_FAIL', BEGUN, [row('NODE_FAIL')], NODE_FAIL],
    ['PREEMPTED', BEGUN, [row('PREEMPTED')], PREEMPTED],
    ['TIMEOUT', BEGUN, [row('TIMEOUT')], TIMEOUT],
    ['CANCELLED', BEGUN, [row('CANCELLED', '0:0', byUser)], BY_OTHERS],
    ['CANCELLED, after a request for it', { ...BEGUN, cancelled: true }, [row('CANCELLED')], CANCELLED],
    ['CANCELLED, after one for the run', BEGUN, [row('CANCELLED')], CANCELLED, { runCancelled: true }],
  ]);

  cases('not known to have begun', [
    [
      'and Slurm says nothing',
      CLAIMED,
      [],
      [
        'end_unknown',
        'tasks.end_unknown',
        'It was claimed, and nothing says whether it began: nothing is known of its job.',
      ],
    ],
    ['its cancel', { ...CLAIMED, cancelled: true }, [], WITHDRAWN],
    ['the cancel of the run', CLAIMED, [row('CANCELLED')], WITHDRAWN, { runCancelled: true }],
  ]);

  cases('the row is of a second start, after a controller crashed', [
    ['with the same raw id', BEGUN, [row('FAILED', '98:0')], unknownEnd(STARTED_TWICE)],
    [
      'with another raw id',
      BEGUN,
      [row('FAILED', '98:0', { jobId: '702' })],
      unknownEnd('the record is of job 702, and job 701 claimed it'),
    ],
    [
      'that was not made',
      BEGUN,
      [row('CANCELLED', '0:0', NEVER)],
      unknownEnd('the record is of a start that was never made'),
    ],
    [
      'by its time',
      BEGUN,
      [row('NODE_FAIL', '0:0', { startedAt: AT(30) })],
      unknownEnd(`the record is of a start at ${AT(30)}, and the one that claimed it was at ${AT(1)}`),
    ],
    ['by that of the controller', BEGUN, [AFTER_BOOT], unknownEnd(BETWEEN), { bootedAt: AT(2) }],
    ['by that of the controller, after its own end', left({}), [AFTER_BOOT], COMPLETED, { bootedAt: AT(2) }],
    ['not if the controller was started later', left({}), [AFTER_BOOT], BY_OTHERS, { bootedAt: AT(4) }],
    [
      'by the restart that scontrol counts',
      BEGUN,
      [row('NODE_FAIL', '0:0', { source: 'scontrol', restarts: 1 })],
      unknownEnd('the record is of restart 1, and restart 0 claimed it'),
    ],
  ]);
});

/** The controller knew nothing of the first start, and its node refused the second. */
describe('a row that may be of a second start', () => {
  const depends = (task: TaskOnSlurm, one: ElementRow): boolean =>
    dependsOnBoot([task], { source: 'sacct', ended: new Map([[one.element, one]]), cancelled: new Map() });

  it('is a bad end, and began after the claim', () => {
    expect(depends(left({}), AFTER_BOOT)).toBe(true);
  });
  it.each([
    ['the task has no claim', UNCLAIMED, AFTER_BOOT],
    ['it ended well', left({}), row('COMPLETED', '0:0', { startedAt: AT(3) })],
    ['it began before the claim', left({}), row('CANCELLED', '0:0', byUser)],
    ['another job claimed the task', left({}), { ...AFTER_BOOT, jobId: '702' }],
  ])('is none if %s', (_, task, one) => {
    expect(depends(task, one)).toBe(false);
  });
});

describe('two copies of an array', () => {
  const copy = (index: number): TaskClaim => ({ ...CLAIM, array_job_id: '710', array_task_id: index, job_id: '711' });
  const rows = [
    row('FAILED', '98:0'),
    row('COMPLETED', '0:0', { element: '700_1', jobId: '702' }),
    row('COMPLETED', '0:0', { element: '710_0', jobId: '711' }),
    row('FAILED', '98:0', { element: '710_1', jobId: '712' }),
  ];

  it('each task is judged by the row of the element that holds its claim', () => {
    const ours = { ...CLAIM, array_task_id: 1, job_id: '702' };
    const ends = endsOf([left({}, { claim: copy(0) }), left({}, { claim: ours })], rows);
    expect(ends.map(({ state, owner }) => [state, owner])).toEqual([
      ['completed', '710_0'],
      ['completed', '700_1'],
    ]);
  });

  cases('without a receipt', [
    [
      'the row of the copy counts',
      { ...BEGUN, claim: copy(0) },
      [row('FAILED', '98:0'), row('NODE_FAIL', '0:0', { element: '710_0', jobId: '711' })],
      NODE_FAIL,
    ],
    [
      'the row of the other one says nothing',
      { ...BEGUN, claim: copy(0) },
      [row('FAILED', '98:0')],
      unknownEnd('nothing is known of its job'),
    ],
  ]);
});

describe('a requeued task', () => {
  const second: TaskClaim = { ...CLAIM, restart_count: 1, claimed_at: AT(20), element_started_at: AT(20) };
  const again = { claim: second, attempts: 2, started: true };
  const later = { startedAt: AT(20), endedAt: AT(26) };

  test('is what its last attempt was', () => {
    const exit = { attempt: 1, started_at: AT(21), ended_at: AT(25) };
    const end = endOf(left(exit, again), [row('COMPLETED', '0:0', later)]);
    expect(end).toMatchObject({ state: 'completed', attempts: 2, started_at: AT(21), owner: '700_0' });
  });

  cases('whose last attempt left no receipt', [
    [
      'the row decides',
      { ...BEGUN, ...again, startedAt: AT(21), startedAttempt: 1 },
      [row('TIMEOUT', '0:0', later)],
      TIMEOUT,
    ],
    [
      'COMPLETED says nothing',
      { ...BEGUN, ...again },
      [row('COMPLETED', '0:0', later)],
      unknownEnd('its job ended as COMPLETED 0:0'),
    ],
  ]);

  test('counts its starts, and takes no time of the attempt before', () => {
    const ends = [AT(21), null].map((startedAt) =>
      endOf({ ...BEGUN, ...again, startedAt, startedAttempt: startedAt === null ? 0 : 1 }, [
        row('NODE_FAIL', '0:0', later),
      ]),
    );
    expect(ends.map(({ attempts, started_at }) => [attempts, started_at])).toEqual([
      [2, AT(21)],
      [1, null],
    ]);
  });

  cases('that Slurm told to end, and no later start claimed', [
    ['PREEMPTED', left(SIGTERM), [row('PREEMPTED')], PREEMPTED],
    [
      'another start',
      left(SIGTERM),
      [row('FAILED', '98:0')],
      failed('slurm.end_unknown', `Its job was told to end (SIGTERM), and Slurm does not say why: ${STARTED_TWICE}.`),
    ],
    ['another start, although it ended well', left({ job_signal: 'SIGTERM' }), [row('FAILED', '98:0')], COMPLETED],
  ]);
});
