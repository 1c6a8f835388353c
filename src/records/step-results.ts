import type { CommitRecord, Manifest, Usage, VerifierResult } from './manifest-schema.ts';

/** What steps find out, as `step.outcome` carries it. Types only. */

/** Results of steps, by step name. */
export interface StepResults {
  'render-prompt': { readonly prompt_sha256: string; readonly context_sha256: string };
  'write-scripts': { readonly script_sha256: string };
  'record-code': CommitRecord;
  'reuse-tasks': TakenData;
  execute: ExecuteResult;
  submit: SubmitResult;
  confirm: ConfirmResult;
  sync_artifacts_to_local: NonNullable<Manifest['artifacts']>;
  collect: NonNullable<Manifest['artifacts']>;
  salvage: NonNullable<Manifest['artifacts']>;
  verify_local_artifacts: { readonly verifiers: readonly VerifierResult[] };
}

export type StepResult = StepResults[keyof StepResults];

/** How often the entrypoint was to begin, and how often it began. */
export interface StartsData {
  readonly expected: number;
  readonly begun: number;
}

/** What came of tasks that were to be taken over. */
export interface TakenData {
  readonly taken: number;
  /** Their outputs had changed: they run. */
  readonly again: number;
}

/** How the tasks of a run ended. */
export interface TaskEndsData {
  /** Of `receipt/task_ends.jsonl`. */
  readonly ends_sha256: string;
}

export interface ExecuteResult {
  readonly pid: number | null;
  readonly supervisor_pid: number | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly ended_by: string | null;
  readonly evidence: readonly string[];
  readonly leftovers_ended: readonly string[];
  /** Left out if there are none; older journals have none. */
  readonly survivors?: readonly string[];
  /** Left out if no receipt says; older journals have none. */
  readonly contained_by?: string;
  /** Left out if the kernel enforced none. */
  readonly memory_limit_bytes?: number;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly used: Usage['used'] | null;
  /** Left out if nothing says. */
  readonly starts?: StartsData;
  /** Left out if the run has one task, without parameters. */
  readonly tasks?: TaskEndsData;
}

export interface SubmitResult {
  readonly job_id: string;
  readonly evidence: readonly string[];
}

/** How the job ended, as the scheduler says it. */
export interface ConfirmResult {
  readonly source: 'sacct' | 'scontrol';
  readonly rows: readonly ConfirmedRow[];
  readonly state: string;
  /** `code:signal`, as Slurm writes it. */
  readonly exit_code: string;
  readonly elapsed: string | null;
  readonly max_rss: string | null;
  readonly nodes: string | null;
  readonly evidence: readonly string[];
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly used: Usage['used'] | null;
  /** Left out if nothing says. */
  readonly starts?: StartsData;
  /** Left out if the run has one task, without parameters. */
  readonly tasks?: TaskEndsData;
}

export interface ConfirmedRow {
  readonly job_id: string;
  readonly state: string;
  readonly exit_code: string;
  readonly elapsed: string;
  readonly max_rss: string;
}
