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
  | { readonly type: 'note'; readonly message: string }
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
    };

export type Emit = (event: LaunchEvent) => void;
