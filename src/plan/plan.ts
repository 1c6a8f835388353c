import type { Failure } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import type { HostRecord, OpenTask } from '../records/manifest-schema.ts';
import type { OpenedData, PositionData } from '../records/run-data.ts';
import type { Ahead } from '../run/ahead.ts';
import type { PlannedTasks } from './planned-tasks.ts';

/** The result of preparing a launch. Types only. */

export interface PrepareOptions {
  readonly runId: string | null;
  /** The run id is that of a claim whose driver died before the journal's first line: its empty folder may be there. */
  readonly adopt?: boolean;
  readonly profile: string | null;
  readonly allowOpenTodo: boolean;
  /** Nothing is written, not even what would spare the next launch some reading. */
  readonly dryRun?: boolean;
  /** Takes over what the last run completed. */
  readonly failedOnly?: boolean;
  /** Called when it is known how a run of the design would be executed, if nothing that was read so far is wrong. */
  readonly onExecutor?: (start: () => Ahead | null) => void;
}

/** Everything that a launch decided before its first write. */
export interface Plan {
  readonly kind: 'plan';
  readonly opened: OpenedData;
  /** The text of `inputs.sha256`; null if the design names no data. */
  readonly inputList: string | null;
  /** The text of `tasks.jsonl`; null if the run has one task, without parameters. */
  readonly taskList: string | null;
  /** What is shown of them; null likewise. */
  readonly tasks: PlannedTasks | null;
  /** The text of `tasks_reused.jsonl`; null if no tasks are taken over. */
  readonly reusedList: string | null;
  readonly warnings: readonly Problem[];
  /** Digests of state.json and backlog.yaml as read: looked at once more when the lease is held. */
  readonly guardDigest: string;
}

/** A guard refused: nothing may be written. */
export interface Refusal {
  readonly kind: 'refused';
  readonly failure: Failure;
}

/** The gate refused: the workflow goes back, and agent_result.json says why. */
export interface GateFailure {
  readonly kind: 'gate';
  readonly failure: Failure;
  readonly position: PositionData;
  readonly iterationId: string;
  readonly experimentId: string;
  readonly host: HostRecord | null;
  readonly openTodo: readonly OpenTask[];
  readonly guardDigest: string;
}

export type Prepared = Plan | Refusal | GateFailure;
