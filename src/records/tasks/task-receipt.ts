import { type JsonObject, parseObject } from '../../platform/json-object.ts';

/** What a task leaves in `receipts/`: one JSON object a file, on one line. Pure. */

/** `claim.<index>.<attempt>`: who may start it. */
export interface TaskClaim {
  /** `supervisor`: of a local run; `element`: of a Slurm array; `reused`: nothing starts it, its outputs are another run's. */
  readonly kind: 'supervisor' | 'element' | 'reused';
  readonly node: string;
  readonly claimed_at: string;
  /** Of an element: together they name one start; the controller gives out a raw id again after a crash. */
  readonly array_job_id?: string;
  readonly array_task_id?: number;
  readonly job_id?: string;
  readonly restart_count?: number;
  /** Of a task that is taken over: the run in which it ran. */
  readonly run_id?: string;
  /** When the element began; a worker claims later. */
  readonly element_started_at?: string;
}

/** `<index>.started` of an element: its last start. That of a supervisor may say nothing, since it starts a task once. */
export interface TaskStart {
  readonly attempt: number;
  readonly started_at: string;
}

/** `<index>.exit`: how it ended. */
export interface TaskExit {
  readonly attempt: number;
  /** Null if a signal ended it, or it could not be started. */
  readonly exit_code: number | null;
  /** Such as `SIGKILL`. */
  readonly signal: string | null;
  /** Who ended it, if it did not end by itself. */
  readonly ended_by: 'time_limit' | 'request' | null;
  /** Why it could not be started. */
  readonly start_error: string | null;
  readonly started_at: string | null;
  readonly ended_at: string;
  readonly wall_seconds: number;
  readonly cpu_seconds: number | null;
  readonly max_rss_bytes: number | null;
  /** The kernel killed a process of it for its memory; null if that is not known. */
  readonly oom: boolean | null;
  /** Slurm told the job to end while it had the task: a requeued job may begin the task again. Left out otherwise. */
  readonly job_signal?: string;
  /** Processes of the task: requested, and begun. Of an element only. */
  readonly starts?: { readonly expected: number; readonly begun: number };
}

export function parseTaskClaim(text: string | null): TaskClaim | null {
  const value = parseObject(text ?? '');
  if (value === null) return null;
  const { kind, node, claimed_at } = value;
  const isWhole = typeof node === 'string' && typeof claimed_at === 'string';
  if (!isWhole || (kind !== 'supervisor' && kind !== 'element' && kind !== 'reused')) return null;
  const { array_job_id, array_task_id, job_id, restart_count, run_id, element_started_at } = value;
  return {
    ...{ kind, node, claimed_at },
    ...(typeof array_job_id === 'string' ? { array_job_id } : {}),
    ...(typeof array_task_id === 'number' ? { array_task_id } : {}),
    ...(typeof job_id === 'string' ? { job_id } : {}),
    ...(typeof restart_count === 'number' ? { restart_count } : {}),
    ...(typeof run_id === 'string' ? { run_id } : {}),
    ...(typeof element_started_at === 'string' ? { element_started_at } : {}),
  };
}

/** A task can write into this folder: what is not a receipt does not count. */
export function parseTaskExit(text: string | null): TaskExit | null {
  return taskExitIn(parseObject(text ?? ''));
}

/** The same of what was parsed already. */
export function taskExitIn(value: JsonObject | null): TaskExit | null {
  if (value === null) return null;
  const { attempt, exit_code, signal, ended_by, ended_at } = value;
  if (typeof attempt !== 'number' || typeof ended_at !== 'string') return null;
  if (exit_code !== null && !isCount(exit_code)) return null;
  if (signal !== null && typeof signal !== 'string') return null;
  return {
    ...{ attempt, exit_code, signal, ended_at },
    ended_by: ended_by === 'time_limit' || ended_by === 'request' ? ended_by : null,
    start_error: textOrNull(value['start_error']),
    started_at: textOrNull(value['started_at']),
    wall_seconds: amountOrNull(value['wall_seconds']) ?? 0,
    cpu_seconds: amountOrNull(value['cpu_seconds']),
    max_rss_bytes: amountOrNull(value['max_rss_bytes']),
    oom: typeof value['oom'] === 'boolean' ? value['oom'] : null,
    ...(typeof value['job_signal'] === 'string' ? { job_signal: value['job_signal'] } : {}),
    ...startsOf(value['starts']),
  };
}

/**
 * Whether a request to cancel the task ended it. The order that follows the request may reach a Slurm job before the job sees
 * the request: then the receipt has Slurm's signal alone.
 */
export function endedByRequest(exit: TaskExit, isRequested: boolean): boolean {
  const { ended_by: by, job_signal: told, exit_code: code, oom } = exit;
  return by === 'request' || (isRequested && by === null && told !== undefined && code !== 0 && oom !== true);
}

export function parseTaskStart(text: string | null): TaskStart | null {
  const { attempt, started_at } = parseObject(text ?? '') ?? {};
  return isCount(attempt) && typeof started_at === 'string' ? { attempt, started_at } : null;
}

function startsOf(value: unknown): Pick<TaskExit, 'starts'> {
  const { expected, begun } = (value ?? {}) as Readonly<Record<string, unknown>>;
  return isCount(expected) && isCount(begun) ? { starts: { expected, begun } } : {};
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function amountOrNull(value: unknown): number | null {
  return isAmount(value) ? value : null;
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isCount(value: unknown): value is number {
  return isAmount(value) && Number.isSafeInteger(value);
}
