import { parseObject } from '../../platform/json-object.ts';

/**
 * `receipts/element.<array id>_<number>.<restart>`: what an element of a Slurm array leaves of itself. A worker always leaves
 * one, unless it was killed; the element of one task only if the task did not begin. Pure.
 */

export const ELEMENT_ENDS = [
  /** No task is left that nobody has. Of a worker, like the next two. */
  'none_left',
  /** Its time is too short for another task. */
  'time',
  /** `receipts/stop` is there. */
  'stop',
  /** The run is closed: nothing begins any more. */
  'closed',
  /** `receipts/` cannot be written. */
  'cannot_claim',
  /** Slurm told the job to end. */
  'signal',
  /** The activation ended the script, or the script never called `autolab_tasks`. */
  'left',
  'code_changed',
  'inputs_changed',
  /** The task's row or folder could not be read or made. */
  'not_prepared',
] as const;
export type ElementEnd = (typeof ELEMENT_ENDS)[number];

export interface ElementReceipt {
  readonly array_job_id: string;
  readonly array_task_id: number;
  readonly job_id: string;
  readonly restart_count: number;
  readonly node: string;
  /** Its one task; null for a worker. */
  readonly task: number | null;
  readonly why: ElementEnd;
  readonly exit_code: number;
  /** Of the script, at which it ended; null if that is not known. */
  readonly line: number | null;
  /** Tasks that it began. */
  readonly begun: number;
  readonly started_at: string;
  readonly ended_at: string;
}

/** A task can write into this folder: returns null for what is not such a receipt. */
export function parseElementReceipt(text: string | null): ElementReceipt | null {
  const value = parseObject(text ?? '');
  if (value === null) return null;
  const { array_job_id, job_id, node, started_at, ended_at, task, line } = value;
  const why = ELEMENT_ENDS.find((one) => one === value['why']);
  const { array_task_id, restart_count, exit_code, begun } = value;
  if (why === undefined || !areTexts(array_job_id, job_id, node, started_at, ended_at)) return null;
  if (!areCounts(array_task_id, restart_count, exit_code, begun)) return null;
  return {
    ...({ array_job_id, job_id, node, started_at, ended_at } as Texts),
    ...({ array_task_id, restart_count, exit_code, begun } as Counts),
    why,
    task: areCounts(task) ? (task as number) : null,
    line: areCounts(line) ? (line as number) : null,
  };
}

type Texts = Pick<ElementReceipt, 'array_job_id' | 'job_id' | 'node' | 'started_at' | 'ended_at'>;
type Counts = Pick<ElementReceipt, 'array_task_id' | 'restart_count' | 'exit_code' | 'begun'>;

function areTexts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

function areCounts(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0);
}
