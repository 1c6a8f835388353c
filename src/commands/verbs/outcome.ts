import type { TasksNow } from '../../events/events.ts';
import { maybeText } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import { outcomeOf } from '../run-outcome.ts';
import type { DriverRecord } from '../status.ts';
import type { Verb } from '../verb.ts';

export interface OutcomeOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run. */
  readonly run?: string | null;
}

export interface OutcomeResult extends VerbResult {
  /** The step that an open run is at; null between two steps. */
  readonly step?: string | null;
  /** Who drives an open run. */
  readonly driver?: 'nobody' | DriverRecord;
  /** Seconds since the entrypoint was started. */
  readonly elapsed_seconds?: number | null;
  /** The last line that the run printed. */
  readonly last_line?: string | null;
  /** How many tasks of an open run are in each state; null if it has one. */
  readonly tasks?: TasksNow | null;
}

export const outcome: Verb<OutcomeOptions> = {
  name: 'outcome',
  options: { run: maybeText },
  perform: ({ root }, { run = null }) => outcomeOf(root, run),
};
