import type { Code } from '../../errors/catalog.ts';
import type { JournalHead } from '../journal.ts';
import type { IntentData, StopReason } from '../journal-events.ts';
import type { LogNames } from '../log-names.ts';
import type {
  AttemptFailedData,
  ChunkPlan,
  ClosedData,
  ObservedData,
  OpenedData,
  OutcomeData,
  PlaceData,
  PositionData,
  ReadData,
  StartedData,
  SubmittedData,
} from '../run-data.ts';

/** What a run is, as its journal describes it. Types only. */

export interface StepView {
  readonly name: string;
  readonly attempts: number;
  readonly began: string | null;
  readonly ended: string | null;
  /** There is an intent without an outcome: what came of it must be asked of the world. */
  readonly pending: boolean;
  readonly intent: IntentData | null;
  readonly outcome: OutcomeData | null;
}

export interface JobView extends SubmittedData {
  readonly at: string;
  /** The id that was written down first, and that the ledger has; another copy of the job may own the run. */
  readonly submitted_as: string;
  /** Why `job_id` is another one than that. */
  readonly followed: readonly string[];
  /** The release was begun; the job may have started. */
  readonly releasing: boolean;
  readonly released: boolean;
}

export interface StartedView extends StartedData {
  readonly at: string;
}

/** Calls of `sbatch`. */
export interface SubmissionsView {
  readonly tried: number;
  /** The last call was not answered clearly. */
  readonly unanswered: boolean;
  readonly resubmit: boolean;
  /** What the last call said, if that is a refusal unless a job is found. */
  readonly doubtful: string | null;
  /** What the site called the job instead. */
  readonly renamed: string | null;
}

/** One job of a run: its only one, or one of the arrays that carry its tasks. What is true of the run is a fold over them. */
export interface ChunkView {
  /** From 0. */
  readonly index: number;
  /** Which part of the tasks; null for a run without, and before the first one is planned. */
  readonly plan: ChunkPlan | null;
  /** Why it is not submitted any more; null if it is, or may be. */
  readonly givenUp: { readonly code: Code; readonly message: string } | null;
  readonly submissions: SubmissionsView;
  /** Null before it is submitted, and for a run that no scheduler has. */
  readonly job: JobView | null;
  /** The scheduler's reason why it can never start. */
  readonly hopeless: string | null;
  /** The claim in the run's folder, as a driver saw it; null before. */
  readonly started: StartedView | null;
  /** How it ended; null before. */
  readonly outcome: OutcomeData | null;
  /** File names in the run's `logs` folder. */
  readonly logs: LogNames;
}

/** What the events change, one after another. */
export interface RunState {
  readonly opened: OpenedData;
  readonly openedAt: string;
  /** In the order in which they were first written down. */
  readonly steps: ReadonlyMap<string, StepView>;
  readonly chunks: readonly [ChunkState, ...ChunkState[]];
  /** The Slurm cluster that was asked before the first submission. */
  readonly cluster: string | null;
  readonly lastRead: ReadData | null;
  /** Why no task begins any more; null while they may. */
  readonly stopped: StopReason | null;
  readonly cancel: { readonly at: string; readonly by: string } | null;
  readonly lastFailure: AttemptFailedData | null;
  /** What the user decided at `human_review`. */
  readonly decision: { readonly by: string; readonly decision: string } | null;
  /** The workflow's position at the last look; the close compares `state.json` with it. */
  readonly position: PositionData;
  /** The place of the run's record when a driver last began with it; null in older journals. */
  readonly place: PlaceData | null;
  /** Null before its files were here, and in older formats. */
  readonly observed: ObservedData | null;
  readonly closed: (ClosedData & { readonly at: string }) | null;
}

/** What a chunk's own events say; the rest follows from these and from the steps. */
export type ChunkState = Omit<ChunkView, 'outcome' | 'logs'>;

/** A run as its journal describes it. */
export interface RunView extends RunState {
  readonly chunks: readonly [ChunkView, ...ChunkView[]];
  /** The first chunk's; a run without tasks has one. So are the next three. */
  readonly job: JobView | null;
  readonly submissions: SubmissionsView;
  readonly started: StartedView | null;
  readonly hopeless: string | null;
  /** When the scheduler was asked something; RFC 3339. */
  readonly reads: readonly string[];
  readonly head: JournalHead;
  readonly lastEpoch: number;
}
