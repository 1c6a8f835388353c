import { expect, it } from 'vitest';
import { type EndFacts, endsOfElements } from '../../src/executors/slurm/tasks/element-ends.ts';
import type { TaskOnSlurm } from '../../src/executors/slurm/tasks/tasks-on-slurm.ts';
import type { ElementEnd, ElementReceipt } from '../../src/records/tasks/element-receipt.ts';
import type { TaskClaim, TaskExit } from '../../src/records/tasks/task-receipt.ts';
import type { ElementRow } from '../../src/schedulers/slurm/arrays/element-rows.ts';

/** Array 700 is ours, 710 is a copy of it: its acceptance got lost, and both ran. Task 0 is element 0. */

export const AT = (minute: number): string => `2026-11-29T10:${String(minute).padStart(2, '0')}:00.000Z`;

export const CLAIM: TaskClaim = {
  ...{ kind: 'element', node: 'n1', claimed_at: AT(1), element_started_at: AT(1) },
  ...{ array_job_id: '700', array_task_id: 0, job_id: '701', restart_count: 0 },
};
const EXIT: TaskExit = {
  ...{ attempt: 0, exit_code: 0, signal: null, ended_by: null, start_error: null },
  ...{ started_at: AT(2), ended_at: AT(4), wall_seconds: 120, cpu_seconds: 90, max_rss_bytes: null, oom: null },
};
export const ROW: ElementRow = {
  ...{ element: '700_0', jobId: '701', source: 'sacct', name: 'k', state: 'COMPLETED', cancelledBy: null },
  ...{ exitCode: '0:0', derivedExitCode: null, reason: null, elapsed: '00:05:00', elapsedSeconds: 300 },
  ...{ timeLimitSeconds: 600, cpuSeconds: null, allocatedCpus: null, requestedMemory: null, maxRss: null },
  ...{ maxRssBytes: null, nodes: 'n1', partition: null, submittedAt: AT(0), startedAt: AT(1), endedAt: AT(6) },
  ...{ preemptedAt: null, steps: [], restarts: 0 },
};
/** What Slurm writes of an element that never had a node. */
export const NEVER = { startedAt: null, elapsedSeconds: 0, nodes: null };
export const UNCLAIMED: TaskOnSlurm = {
  ...{ claim: null, attempts: 0, started: false, startedAt: null, startedAttempt: null, exit: null, cancelled: false },
};
export const CLAIMED: TaskOnSlurm = { ...UNCLAIMED, claim: CLAIM, attempts: 1 };
export const BEGUN: TaskOnSlurm = { ...CLAIMED, started: true, startedAt: AT(2), startedAttempt: 0 };

export const left = (exit: Partial<TaskExit>, more: Partial<TaskOnSlurm> = {}): TaskOnSlurm => ({
  ...{ ...CLAIMED, started: true, ...more },
  exit: { ...EXIT, ...exit },
});

export const row = (state: string, exitCode = '0:0', more: Partial<ElementRow> = {}): ElementRow => ({
  ...{ ...ROW, state, exitCode, ...more },
});

type More = Partial<Omit<EndFacts, 'ends' | 'receipts'>> & {
  readonly cancelledArray?: string;
  /** The controller. */
  readonly bootedAt?: string;
  /** Of elements of array 700. */
  readonly receipts?: readonly ElementReceipt[];
};

/** Of element 0, whose script ended at its line 4. */
export const receipt = (why: ElementEnd, more: Partial<ElementReceipt> = {}): ElementReceipt => ({
  ...{ array_job_id: '700', array_task_id: 0, job_id: '701', restart_count: 0, node: 'n1', task: null },
  ...{ why, exit_code: 3, line: 4, begun: 0, started_at: AT(1), ended_at: AT(2) },
  ...more,
});

export function endsOf(
  tasks: readonly TaskOnSlurm[],
  rows: readonly ElementRow[],
  { cancelledArray, bootedAt, receipts = [], ...more }: More = {},
) {
  return endsOfElements({
    ...{ tasks, workers: false, stopped: null, runCancelled: false, codeChanged: null, inputsChanged: null },
    ends: {
      source: 'sacct',
      ended: new Map(rows.map((one) => [one.element, one])),
      cancelled: new Map(cancelledArray === undefined ? [] : [[cancelledArray, '0']]),
      ...(bootedAt === undefined ? {} : { bootedAt }),
    },
    elementOf: (task) => (more.workers === true ? null : { id: `700_${task}`, arrayId: '700' }),
    notSubmitted: () => null,
    timeLimitSeconds: 600,
    receipts: new Map(receipts.map((one) => [`${one.array_job_id}_${one.array_task_id}.${one.restart_count}`, one])),
    placeOf: (line) => (line === null ? null : `docs/environment.md, line ${line}: "false"`),
    ...more,
  });
}

export function endOf(task: TaskOnSlurm, rows: readonly ElementRow[], more: More = {}) {
  const [end] = endsOf([task], rows, more);
  if (end === undefined) throw new Error('no end');
  return end;
}

type Case = readonly [
  name: string,
  task: TaskOnSlurm,
  rows: readonly ElementRow[],
  expected: readonly [state: string, code: string | null, message: string | null],
  more?: More,
];

/** A test for each case of the table. */
export function cases(name: string, table: readonly Case[]): void {
  for (const [what, task, rows, expected, more] of table)
    it(`${name}: ${what}`, () => {
      const { state, code, message } = endOf(task, rows, more);
      expect([state, code, message]).toEqual(expected);
    });
}

export const COMPLETED = ['completed', null, null] as const;
export const WITHDRAWN = ['cancelled', 'run.cancelled', 'It was cancelled before it began.'] as const;
export const CANCELLED = ['cancelled', 'run.cancelled', 'It was cancelled.'] as const;
export const failed = (code: string, message: string) => ['failed', code, message] as const;
export const unknownEnd = (why: string) =>
  ['end_unknown', 'tasks.end_unknown', `It began, and nothing says how it ended: ${why}.`] as const;

export const OOM = failed(
  'slurm.out_of_memory',
  'Its job ended as OUT_OF_MEMORY: a process of it was killed because it ran out of memory (n1).',
);
export const NODE_FAIL = failed('slurm.node_fail', 'Its job ended as NODE_FAIL: a node of it failed (n1).');
export const PREEMPTED = failed('slurm.preempted', 'Its job was preempted.');
export const TIMEOUT = failed('slurm.timeout', 'Its job reached its time limit of 600 s and was ended.');
export const BY_OTHERS = [
  'cancelled',
  'slurm.cancelled',
  'Its job was cancelled by user 1000, and not by autolab.',
] as const;
export const byUser = { cancelledBy: '1000' };
export const SIGTERM = { exit_code: null, signal: 'SIGTERM', job_signal: 'SIGTERM' };
export const STARTED_TWICE = 'the record ends with exit code 98, as a copy does that finds the claim taken';
