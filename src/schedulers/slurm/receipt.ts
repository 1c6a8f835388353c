import { parseObject } from '../../platform/json-object.ts';
import { isJobId } from './answer.ts';

/**
 * A Slurm job's own files in the run's `receipt/` folder, which the script's prologue writes. Pure. Every reader
 * accepts any content: the folder belongs to the job, and a job can write anything.
 */

/** `start.<restart>.<task>`: a task began; the file holds the number of its step, if `srun` started it. */
export const START_PREFIX = 'start.';
/** autolab's tombstone for a job that may be started again: a copy that comes after it exits. */
export const CLOSED_FILE = 'closed';

/** The output of the collecting, for one start of a job. */
export function collectedFile({ job_id, restart_count }: Pick<JobExit, 'job_id' | 'restart_count'>): string {
  return `collected.${job_id}.${restart_count}`;
}

/** `claim`: which copy of the job runs the entrypoint. */
export interface JobClaim {
  readonly job_id: string;
  readonly restart_count: number;
  readonly node: string;
  readonly claimed_at: string;
}

/** `exit.json`: the job's last act. */
export interface JobExit {
  readonly job_id: string;
  readonly restart_count: number;
  readonly exit_code: number;
  readonly ended_at: string;
}

/** Returns null if the run is unclaimed, if autolab claimed it (a tombstone), and if the file is not a claim. */
export function parseJobClaim(text: string | null): JobClaim | null {
  const value = parseObject(text);
  if (value?.['kind'] !== 'job' || !isIdOfJob(value['job_id'])) return null;
  const { job_id, restart_count, node, claimed_at } = value;
  return {
    job_id,
    restart_count: typeof restart_count === 'number' ? restart_count : 0,
    node: typeof node === 'string' ? node : 'an unknown node',
    claimed_at: isTime(claimed_at) ? claimed_at : '1970-01-01T00:00:00Z',
  };
}

export function parseJobExit(text: string | null): JobExit | null {
  const value = parseObject(text);
  if (value === null || !isIdOfJob(value['job_id'])) return null;
  const { job_id, restart_count, exit_code, ended_at } = value;
  if (typeof exit_code !== 'number' || !isTime(ended_at)) return null;
  return { job_id, restart_count: typeof restart_count === 'number' ? restart_count : 0, exit_code, ended_at };
}

function isIdOfJob(value: unknown): value is string {
  return typeof value === 'string' && isJobId(value);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}
