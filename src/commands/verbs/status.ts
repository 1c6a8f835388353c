import { failureOf } from '../../errors/failure.ts';
import type { TasksNow } from '../../events/events.ts';
import { resultOfFailure, type VerbResult } from '../result.ts';
import { type DriverRecord, runStatus } from '../status.ts';
import type { NoOptions, Verb } from '../verb.ts';

export interface StatusResult extends VerbResult {
  /** The step that the run is at; null between two steps. */
  readonly step?: string | null;
  readonly driver?: 'nobody' | DriverRecord;
  /** Whether the run's own command is at work: `not started`, `running`, `ended`, `lost` or `unknown`. */
  readonly entrypoint?: string;
  readonly last_run_id?: string | null;
  /** One line for a shell that continues; what the user fills in is in capitals. `next` says more. */
  readonly next_command?: string | null;
  /** What the review approved, as one digest; null if it approved nothing. */
  readonly approved_digest?: string | null;
  /** As `autolab next` says. */
  readonly after?: string | null;
  /** Whether the backlog says that the experiment is closed. */
  readonly closed_experiment?: boolean;
  /** Seconds since the entrypoint was started. */
  readonly elapsed_seconds?: number | null;
  /** The last line that the run printed. */
  readonly last_line?: string | null;
  /** The last failed attempt at a step of a run that is open. */
  readonly last_failure?: Readonly<Record<string, unknown>> | null;
  /** How many tasks are in each state, as their receipts say it; null for a run with one task. */
  readonly tasks?: TasksNow | null;
  /** The job's state in the queue, in Slurm's words; only for a job. */
  readonly queue_state?: string | null;
  readonly queue_reason?: string | null;
  readonly expected_start?: string | null;
}

export const status: Verb<NoOptions> = {
  name: 'status',
  options: {},
  perform: async ({ root }) => {
    const result = await runStatus(root);
    if (result !== null) return result;
    // The full reader says what is wrong and where; it is loaded only then.
    const { readGuardDocuments } = await import('../../project/read.ts');
    const documents = readGuardDocuments(root);
    return resultOfFailure('status', documents.ok ? failureOf('state.invalid') : documents.failure);
  },
};
