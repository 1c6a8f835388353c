import type { Code } from '../errors/catalog.ts';
import type { Recommendation } from '../errors/failure.ts';
import type { IntentData, NoData } from '../records/journal-events.ts';
import type { TransferRecord } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import type { StepResult } from '../records/step-results.ts';
import type { RunContext } from './context.ts';

/** One step of a run's life. */
export interface Step {
  readonly name: string;
  /** Why it does not apply to this run, for the record; null if it does. */
  readonly skip: (view: RunView) => string | null;
  /** The data that is recorded before the act. */
  readonly intent: (ctx: RunContext) => Omit<IntentData, 'attempt'>;
  readonly run: (ctx: RunContext) => Promise<StepEnd>;
  /** After a crash between intent and outcome. Steps whose act has no second effect run again. */
  readonly reconcile: (ctx: RunContext) => Promise<StepEnd>;
  /** A retryable failure of this step is retried from here on; itself when left out. */
  readonly retryFrom?: string;
}

export type StepEnd = StepDone | StepFailed | StepPaused;

export interface StepDone {
  readonly kind: 'done';
  readonly message?: string;
  readonly writes?: readonly string[];
  readonly result?: StepResult;
  readonly transfer?: TransferRecord;
}

export interface StepFailed {
  readonly kind: 'failed';
  readonly code: Code;
  readonly message: string;
  /** The next thing to do, if it is more than the catalogue's hint for the code. */
  readonly hint?: string;
  readonly retryable: boolean;
  readonly recommendations?: readonly Recommendation[];
  readonly writes?: readonly string[];
  readonly result?: StepResult;
  readonly transfer?: TransferRecord;
}

/** The driver leaves; the step has no outcome yet, and the next driver continues it. */
export interface StepPaused {
  readonly kind: 'paused';
  readonly code: Extract<
    Code,
    | 'run.submitted'
    | 'run.still_going'
    | 'interrupted'
    | 'run.undetermined'
    | 'slurm.undetermined'
    | 'slurm.unreachable'
    | 'slurm.other_cluster'
    | 'remote.lost'
  >;
  readonly message: string;
  readonly hint?: string;
}

/** A step that may be run again at any time, because running it twice leaves the same as running it once. */
export function repeatable(step: Omit<Step, 'reconcile'>): Step {
  return { ...step, reconcile: step.run };
}

export const never = (): null => null;
export const noIntent = (): NoData => ({});
