import type { JournalEntry } from '../../src/records/journal.ts';
import { replay, type RunView } from '../../src/records/run-view.ts';

/** Journals of Slurm runs, written down by hand: for what is folded and projected from them. */

export type Written = readonly [step: string, event: string, data?: Readonly<Record<string, unknown>>];

/** Only what the fold and the `slurm` and `sync` sections look at. */
const OPENED = {
  launch_mode: 'slurm',
  position: { stage: 'launch', stage_attempt: 0, max_stage_attempts: 3 },
  slurm: {
    key: 'autolab-r1-abc',
    argv: ['sbatch', '--parsable', '--hold', '/p/run_slurm.sbatch'],
    removed_variables: ['SQUEUE_STATES'],
  },
};

/** The n-th line, counted from 0, is written at second n. */
export const atSecond = (second: number): string => `2026-11-24T10:00:${String(second).padStart(2, '0')}.000Z`;

export function viewAfter(lines: readonly Written[], opened: Readonly<Record<string, unknown>> = {}): RunView {
  const all: readonly Written[] = [['claim', 'run.opened', { ...OPENED, ...opened }], ...lines];
  const entries = all.map(([step, event, data = {}], index): JournalEntry => ({
    seq: index + 1,
    at: atSecond(index),
    driver: 'driver',
    epoch: 1,
    step,
    event,
    data,
    prev: '',
  }));
  const view = replay(entries, { lines: entries.length, head: '' });
  if (view === null) throw new Error('no run was opened');
  return view;
}

export const submitted = (jobId: string, parts: Readonly<Record<string, unknown>> = {}): Written => [
  'submit',
  'job.submitted',
  { job_id: jobId, cluster: null, adopted: false, ...parts },
];

export const read = (step: string, command: string, answer: string): Written => [
  step,
  'scheduler.read',
  { command, answer, state: null, reason: null, expected_start: null },
];

export const outcome = (step: string, status: string, parts: Readonly<Record<string, unknown>> = {}): Written => [
  step,
  'step.outcome',
  {
    status,
    attempt: 1,
    retryable: false,
    code: null,
    message: null,
    reason: null,
    recommendations: [],
    writes: [],
    result: {},
    ...parts,
  },
];
