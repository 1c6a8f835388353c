import type { Problem } from '../errors/problem.ts';

/**
 * The events that the core emits while it works. It never prints: the command line renders these, and so may another
 * program. Leaf.
 */
export type LaunchEvent =
  | {
      readonly type: 'run';
      readonly run_id: string;
      readonly run_dir: string;
      readonly resumed: boolean;
      readonly mode: string;
      /** What an interrupt of the driver means to the run, if the caller does not say it. */
      readonly on_interrupt: 'cancel' | 'detach';
    }
  | { readonly type: 'todo'; readonly tasks: readonly { readonly task_id: string; readonly text: string }[] }
  | { readonly type: 'warning'; readonly problem: Problem }
  | {
      readonly type: 'note';
      readonly message: string;
      /** It says no more than the `progress` that came with it, which a live screen draws. */
      readonly of_progress?: true;
    }
  | {
      readonly type: 'step';
      readonly step: string;
      readonly status: 'started' | 'done' | 'failed' | 'skipped';
      readonly message: string | null;
    }
  /** Where the run stands while a step waits. */
  | {
      readonly type: 'progress';
      readonly step: string;
      readonly elapsed_seconds: number;
      readonly last_line: string | null;
      /** What the run takes, while its entrypoint works. */
      readonly use?: RunUse;
      /** How far work of autolab's own is. */
      readonly work?: WorkDone;
      /** Of a run with many tasks. */
      readonly tasks?: TasksNow;
    };

/** How many tasks are in each state, as their receipts say it. */
export interface TasksNow {
  readonly count: number;
  readonly waiting: number;
  readonly running: number;
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** Null: it was not asked for, or is not known. */
export interface RunUse {
  readonly time_limit_seconds: number | null;
  readonly memory_bytes: number | null;
  readonly memory_requested_bytes: number | null;
  /** The last values in `metrics.jsonl`, the one to judge by first. */
  readonly metrics: readonly { readonly name: string; readonly value: number }[];
}

export interface WorkDone {
  /** Such as `Sending`. */
  readonly what: string;
  readonly done: number;
  readonly total: number;
  readonly unit: 'bytes' | 'files';
}

export type Emit = (event: LaunchEvent) => void;
