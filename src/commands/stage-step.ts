import type { OutsideChange } from '../agents/outside-change.ts';
import type { Code } from '../errors/catalog.ts';
import type { Failure } from '../errors/failure.ts';
import type { State } from '../project/state.ts';
import type { Outcome } from '../run/outcome.ts';
import { positionOf } from '../run/state-file.ts';
import type { Who } from '../workflow/stages.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys } from './result.ts';

/** One stage of `autolab run`: what is reported of it, and whether the next one can begin. Pure. */

export const RUN_COMMAND = 'run';

export interface StageReport {
  readonly stage: string;
  readonly who: Who | 'agent';
  readonly outcome: Outcome;
  readonly code: Code;
  readonly message: string;
  readonly seconds: number;
  /** The folder of the agent's output and record, relative to the project root; null if no agent worked. */
  readonly log: string | null;
  /** What the agent changed outside of its scope. */
  readonly outside: readonly OutsideChange[];
}

/** A stage that was done, or why the call ends with it. */
export interface StageStep {
  readonly report: Omit<StageReport, 'seconds' | 'stage'>;
  /** Null if the next stage can begin. */
  readonly end: CommandResult | null;
}

export function stoppedStep(who: StageReport['who'], failure: Failure, state: State): StageStep {
  const result = resultOfFailure(RUN_COMMAND, failure, partsInStage(state));
  const { outcome, code, message } = result;
  return { report: { who, outcome, code, message, log: null, outside: [] }, end: result };
}

export function partsInStage(state: State): ResultParts {
  return {
    iteration_id: state.iteration_id,
    experiment_id: state.experiment_id === '' ? null : state.experiment_id,
    run_id: state.last_run_id,
    ...stageKeys(state, positionOf(state)),
  };
}
