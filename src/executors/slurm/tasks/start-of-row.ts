import type { TaskClaim } from '../../../records/tasks/task-receipt.ts';
import type { ElementEnds, ElementRow } from '../../../schedulers/slurm/arrays/element-rows.ts';
import { MOST_SKEW_MS, secondStart } from '../../../schedulers/slurm/second-start.ts';
import type { TaskOnSlurm } from './tasks-on-slurm.ts';

/**
 * Whether Slurm's row for an element is of the start that claimed a task. Pure. Accounting keeps the last start of an element
 * only, and a controller that crashed may have made two, with the same or with another raw id.
 */

/** The element that holds a task's claim, such as `12_3`; null if the claim does not say. */
export function holderOf({ claim }: Pick<TaskOnSlurm, 'claim'>): string | null {
  const { array_job_id: array, array_task_id: element } = claim ?? {};
  return array === undefined || element === undefined ? null : `${array}_${element}`;
}

/** When the last start of each element began that claimed a task: a worker may have claims of several starts. */
export function lastStarts(tasks: readonly TaskOnSlurm[]): ReadonlyMap<string, string> {
  const last = new Map<string, string>();
  for (const task of tasks) {
    const holder = holderOf(task);
    const began = task.claim?.element_started_at;
    if (holder !== null && began !== undefined && began > (last.get(holder) ?? '')) last.set(holder, began);
  }
  return last;
}

/** The row that says how the start ended which claimed a task; if there is none, why. */
export type RowOfClaim =
  | { readonly row: ElementRow; readonly why: null; readonly isOther: false }
  /** `isOther`: there is one, of another start. */
  | { readonly row: null; readonly why: string; readonly isOther: boolean };

export function rowOfClaim(
  { ended, bootedAt = null }: ElementEnds,
  last: ReadonlyMap<string, string>,
  { claim }: Pick<TaskOnSlurm, 'claim'>,
): RowOfClaim {
  const holder = holderOf({ claim });
  const row = ended.get(holder ?? '');
  if (claim === null || holder === null || row === undefined)
    return { row: null, why: 'nothing is known of its job', isOther: false };
  const why = otherStart(row, claim, { last: last.get(holder) ?? '', bootedAt });
  return why === null ? { row, why, isOther: false } : { row: null, why, isOther: true };
}

/** A start that claimed a task and left no receipt of its end, and of whose end Slurm has no record. */
export interface UnknownStart {
  readonly task: number;
  readonly node: string;
  readonly claimedAt: string;
  readonly why: string;
}

/** It may still run: a controller that crashed forgets it, until its node has reported. */
export function unknownStarts(tasks: readonly TaskOnSlurm[], ends: ElementEnds): readonly UnknownStart[] {
  const last = lastStarts(tasks);
  return tasks.flatMap(({ claim, exit, started, cancelled }, task) => {
    if (claim?.kind !== 'element' || exit !== null || (cancelled && !started)) return [];
    const { row, why } = rowOfClaim(ends, last, { claim });
    return row === null ? [{ task, node: claim.node, claimedAt: claim.claimed_at, why }] : [];
  });
}

/** Whether the row may be of a second start, which only the time of the controller's own start tells. */
export function dependsOnBoot(tasks: readonly TaskOnSlurm[], ends: ElementEnds): boolean {
  const last = lastStarts(tasks);
  return tasks.some((task) => {
    const { row } = rowOfClaim(ends, last, task);
    if (row === null || task.claim === null || (row.state === 'COMPLETED' && row.exitCode === '0:0')) return false;
    return row.startedAt !== null && Date.parse(row.startedAt) > Date.parse(task.claim.claimed_at);
  });
}

interface Between {
  /** When the element's last start began that claimed a task. */
  readonly last: string;
  readonly bootedAt: string | null;
}

function otherStart(row: ElementRow, claim: TaskClaim, { last, bootedAt }: Between): string | null {
  const { job_id = '', restart_count: restarts = 0, node, claimed_at, element_started_at: began = claimed_at } = claim;
  if (row.jobId !== job_id) return `the record is of job ${row.jobId}, and job ${job_id} claimed it`;
  // sacct does not say how often an element was restarted.
  if (row.source === 'scontrol' && row.restarts !== restarts)
    return `the record is of restart ${row.restarts}, and restart ${restarts} claimed it`;
  if (began < last) return `its job was started again at ${last}, and the record is of that start`;
  if (row.startedAt !== null && Date.parse(began) + MOST_SKEW_MS < Date.parse(row.startedAt))
    return `the record is of a start at ${row.startedAt}, and the one that claimed it was at ${began}`;
  const first = { job_id, restart_count: restarts, node, claimed_at };
  return secondStart({ ...row, restarts }, { claim: first, receipt: null, bootedAt, seenWaiting: null });
}
