import type { LaunchEvent } from '../../events/events.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { STAGES } from '../../project/state.ts';
import { DriverControl } from '../../run/control.ts';
import { oneOf } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import { runStages } from '../run-stages.ts';
import type { StageReport } from '../stage-step.ts';
import { DRIVING_RULES, type DrivingOptions, INTERRUPT_RULES, type InterruptOptions } from '../steering.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { document } from './document.ts';
import { extract } from './extract.ts';
import { launch } from './launch.ts';

export type { StageReport };

export interface RunStagesOptions extends DrivingOptions {
  /** Stop when the workflow is at this stage, without doing it. Default: null, go on until a person is needed. */
  readonly until?: (typeof STAGES)[number] | null;
  /** Interrupts the call; a job of a launch is left running. */
  readonly detachSignal?: AbortSignal;
}

export interface RunStagesResult extends VerbResult {
  /** The stages in their order, the one that the call ended with included. */
  readonly stages?: readonly StageReport[];
  /** One line for a shell; null if nothing is left to do. */
  readonly next_command?: string | null;
}

export const runWorkflow: Verb<RunStagesOptions, ProjectRoot, LaunchEvent> = {
  name: 'run',
  options: { ...DRIVING_RULES, detachSignal: INTERRUPT_RULES.detachSignal, until: oneOf(null, ...STAGES) },
  perform: (place, { until = null, ...steering }, emit) => {
    const signals = [steering.signal, steering.detachSignal].filter((signal) => signal !== undefined);
    const command = quoteArgv(['autolab', 'run']);
    const env = { root: place.root, emit, control: new DriverControl(), command };
    const options: InterruptOptions = steering;
    const own = {
      launch: () => Promise.resolve(launch.perform(place, options, emit)),
      extract_results: () => Promise.resolve(extract.perform(place, {}, emit)),
      update_docs: () => Promise.resolve(document.perform(place, {}, emit)),
    };
    return runStages({ env, signal: AbortSignal.any(signals), own }, until);
  },
};
