import type { Code } from '../errors/catalog.ts';
import type { JournalEntry } from './journal.ts';
import type {
  AttemptFailedData,
  ChunkPlan,
  ClosedData,
  ObservedData,
  OpenedData,
  OutcomeData,
  OwnerData,
  PlaceData,
  PositionData,
  ReadData,
  StartedData,
  SubmittedData,
} from './run-data.ts';

/** Every event of a journal, and what its line carries. docs/reference/journal.md says when each is written. */
export interface JournalEvents {
  /** The first line. */
  'run.opened': OpenedData;
  /** Another driver continues. */
  'run.resumed': {
    readonly position: PositionData;
    /** Left out in older journals, and if the project is a copy. */
    readonly place?: PlaceData;
    /** Paths whose digest is not that of `run.opened`. */
    readonly changed_inputs: readonly string[];
  };
  'run.started': StartedData;
  /** The user abandoned a run whose state is unknown. */
  'run.abandon': { readonly by: string; readonly note: string; readonly evidence: string };
  /** The last line. */
  'run.closed': ClosedData;
  'step.intent': IntentData;
  'step.outcome': OutcomeData;
  /** A step failed that will be retried; the run stays open. */
  'attempt.failed': AttemptFailedData;
  'review.decided': { readonly decision: 'pass' | 'retry' | 'stop'; readonly by: string; readonly note: string };
  'cancel.requested': { readonly by: string };
  /** Before the first submission: the cluster that answers. */
  'cluster.named': { readonly name: string };
  /** Before each call of `sbatch`: its number, from 1. */
  'submit.tried': { readonly attempt: number } & OfChunk;
  /** `sbatch` failed in words that are not known: a refusal if no job is found. */
  'submit.doubtful': { readonly words: string } & OfChunk;
  /** The user did not wait for `sbatch`, which was ended. */
  'submit.interrupted': { readonly words: string } & OfChunk;
  /** What came of a call that gave no id. */
  'submit.settled': ({ readonly refused: string } | { readonly not_run: string } | { readonly found: 'none' }) &
    OfChunk;
  /** The site let the job start, or renamed it. */
  'submit.hold_ignored': {
    readonly words: string;
    /** The new name; null, or left out in older journals, if it has its own. */
    readonly name?: string | null;
  } & OfChunk;
  /** Before the first call of `sbatch` for it. */
  'chunk.planned': ChunkPlan;
  /** It will not be submitted, nor any after it: its tasks are not started. */
  'chunk.given_up': { readonly chunk: number; readonly code: Code; readonly message: string };
  /** The user cancelled these tasks; written before any order. */
  'tasks.cancelled': { readonly indices: readonly number[] };
  /** No task begins any more; `receipts/stop` is there. */
  'tasks.stopped': { readonly why: StopReason };
  'job.submitted': SubmittedData & OfChunk;
  'job.owner': OwnerData;
  'job.releasing': OfChunk;
  'job.released': OfChunk;
  /** The job waits again after it began. */
  'job.start_lost': { readonly evidence: string };
  /** Slurm's reason why the job can never start. */
  'job.hopeless': { readonly reason: string } & OfChunk;
  /** An order was sent, and its answer is unknown. */
  'order.unanswered': { readonly order: 'release' | 'cancel'; readonly job_id: string; readonly words: string };
  'scheduler.read': ReadData;
  /** What the run left of what there was to see; the last line counts. */
  'run.observed': ObservedData;
  /** A torn last line was removed. */
  'journal.truncated': { readonly characters: number };
}

export type EventName = keyof JournalEvents;

export type StopReason = 'max_failures' | 'cancelled';

export type NoData = Readonly<Record<string, never>>;

/** The array that the line is about; left out if the run has one job. */
export interface OfChunk {
  readonly chunk?: number;
}

/** `step.intent`: what a step is about to do. */
export interface IntentData {
  readonly attempt: number;
  readonly script_sha256?: string;
  /** The job's name. */
  readonly key?: string;
  readonly job_id?: string;
}

/** A line of a known event, with its data. */
export type EventOf<Name extends EventName> = {
  readonly [Each in Name]: Omit<JournalEntry, 'event' | 'data'> & {
    readonly event: Each;
    readonly data: JournalEvents[Each];
  };
}[Name];
export type JournalEvent = EventOf<EventName>;

const NAMES = {
  'run.opened': true,
  'run.resumed': true,
  'run.started': true,
  'run.abandon': true,
  'run.closed': true,
  'step.intent': true,
  'step.outcome': true,
  'attempt.failed': true,
  'review.decided': true,
  'cancel.requested': true,
  'cluster.named': true,
  'submit.tried': true,
  'submit.doubtful': true,
  'submit.interrupted': true,
  'submit.settled': true,
  'submit.hold_ignored': true,
  'chunk.planned': true,
  'chunk.given_up': true,
  'tasks.cancelled': true,
  'tasks.stopped': true,
  'job.submitted': true,
  'job.owner': true,
  'job.releasing': true,
  'job.released': true,
  'job.start_lost': true,
  'job.hopeless': true,
  'order.unanswered': true,
  'scheduler.read': true,
  'run.observed': true,
  'journal.truncated': true,
} satisfies Readonly<Record<EventName, true>>;

export const EVENT_NAMES: readonly string[] = Object.keys(NAMES);

/** Returns null if this version does not know the event. */
export function eventOf(entry: JournalEntry): JournalEvent | null {
  return Object.hasOwn(NAMES, entry.event) ? typed(entry) : null;
}

/** The last line of this event; null if there is none. */
export function lastOf<Name extends EventName>(entries: readonly JournalEntry[], name: Name): EventOf<Name> | null {
  const last = entries.findLast(({ event }) => event === name);
  return last === undefined ? null : typed(last);
}

/** Every line of this event, in their order. */
export function allOf<Name extends EventName>(entries: readonly JournalEntry[], name: Name): readonly EventOf<Name>[] {
  return entries.filter(({ event }) => event === name).map((entry) => typed<Name>(entry));
}

/**
 * The one place where text becomes a type unchecked; the callers above have compared the event's name.
 *
 * `parseJournal` has checked the line's shape and that it continues the chain, so `JournalWriter.append` wrote it, and
 * the compiler has compared the data of every such call with the table above. What an older version left out is optional
 * in the table. A journal that was written by hand is not covered; docs/reference/journal.md says so.
 */
function typed<Name extends EventName>(entry: JournalEntry): EventOf<Name> {
  return entry as unknown as EventOf<Name>;
}
