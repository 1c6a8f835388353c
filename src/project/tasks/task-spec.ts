/** `tasks` of a design: many tasks, one run. Types only. */

export type TaskSource =
  | WrittenTasks
  /** Relative to the project: .csv, .tsv or .jsonl. */
  | { readonly kind: 'file'; readonly file: string };

/** Those that the design says itself, and those of a file once it is read. */
export type WrittenTasks =
  /** All combinations; the first name changes slowest. */
  | { readonly kind: 'grid'; readonly axes: readonly GridAxis[] }
  /** `rows`: the values of every name, as written. */
  | { readonly kind: 'list'; readonly names: readonly string[]; readonly rows: readonly (readonly string[])[] };

export interface GridAxis {
  readonly name: string;
  /** As written: numbers keep their spelling. */
  readonly values: readonly string[];
}

export interface TaskSpec {
  readonly source: TaskSource;
  /** Tasks at the same time; null if the design does not say it. */
  readonly max_parallel: number | null;
  /** After so many failures, what has not begun is not started; null for no limit. */
  readonly max_failures: number | null;
  /** So many jobs share the tasks; null for a job a task. */
  readonly workers: number | null;
  /** Limit of one task, in seconds, where `compute.time` is a worker's. */
  readonly time_seconds: number | null;
}

/** All tasks, in their order. */
export interface ExpandedTasks {
  /** Of the parameters. */
  readonly names: readonly string[];
  readonly tasks: readonly { readonly index: number; readonly params: Readonly<Record<string, string>> }[];
}

export const MOST_TASKS = 100_000;
