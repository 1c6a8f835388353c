import type { JournalEntry, JournalHead } from './journal.ts';
import type {
  AttemptFailedData,
  ClosedData,
  OpenedData,
  OutcomeData,
  OwnerData,
  PlaceData,
  PositionData,
  ReadData,
  StartedData,
  StepResults,
  SubmittedData,
} from './run-data.ts';

/** A run as its journal tells it. Pure: a fold over the entries. */

export interface StepView {
  readonly name: string;
  readonly attempts: number;
  readonly began: string | null;
  readonly ended: string | null;
  /** An intent without an outcome: what came of it must be asked of the world. */
  readonly pending: boolean;
  readonly intent: Readonly<Record<string, unknown>> | null;
  readonly outcome: OutcomeData | null;
}

/** The launch host is reached over ssh. */
export function isRemote({ remote }: OpenedData): boolean {
  return remote !== undefined && remote !== null;
}

export interface RunView {
  readonly opened: OpenedData;
  readonly openedAt: string;
  /** In the order in which they were first written down. */
  readonly steps: ReadonlyMap<string, StepView>;
  readonly started: (StartedData & { readonly at: string }) | null;
  readonly job: JobView | null;
  /** How often `sbatch` was called, and whether the last call was answered clearly. */
  readonly submissions: {
    readonly tried: number;
    readonly unanswered: boolean;
    readonly resubmit: boolean;
    /** What the last call said, where that is a refusal unless a job is found. */
    readonly doubtful: string | null;
    /** What the site called the job instead. */
    readonly renamed: string | null;
  };
  /** The Slurm cluster that was asked before the first submission. */
  readonly cluster: string | null;
  /** Slurm's reason why the job can never start. */
  readonly hopeless: string | null;
  /** When the scheduler was asked something; RFC 3339. */
  readonly reads: readonly string[];
  readonly lastRead: ReadData | null;
  readonly cancel: { readonly at: string; readonly by: string } | null;
  readonly lastFailure: AttemptFailedData | null;
  /** What a person decided at `human_review`. */
  readonly decision: { readonly by: string; readonly decision: string } | null;
  /** Where the workflow stood when last looked at; what `state.json` is compared with at the close. */
  readonly position: PositionData;
  /** Where the run was recorded when a driver last began with it; null in older journals. */
  readonly place: PlaceData | null;
  readonly closed: (ClosedData & { readonly at: string }) | null;
  readonly head: JournalHead;
  readonly lastEpoch: number;
}

export interface JobView extends SubmittedData {
  readonly at: string;
  /** The id that was written down first, and that the ledger has; another copy of the job may own the run. */
  readonly submitted_as: string;
  /** Why `job_id` is another one than that. */
  readonly followed: readonly string[];
  /** The release was begun; the job may be free already. */
  readonly releasing: boolean;
  readonly released: boolean;
}

const NO_STEP: Omit<StepView, 'name'> = {
  attempts: 0,
  began: null,
  ended: null,
  pending: false,
  intent: null,
  outcome: null,
};

/** Folds the entries; null where the journal does not begin with `run.opened` (a crash right after the claim). */
export function replay(entries: readonly JournalEntry[], head: JournalHead): RunView | null {
  const first = entries[0];
  if (first?.event !== 'run.opened') return null;
  const opened = first.data as unknown as OpenedData;
  const steps = new Map<string, StepView>();
  let started: RunView['started'] = null;
  let job = null as JobView | null;
  let submissions: RunView['submissions'] = {
    tried: 0,
    unanswered: false,
    resubmit: true,
    doubtful: null,
    renamed: null,
  };
  let hopeless: string | null = null;
  let cluster: string | null = null;
  const reads: string[] = [];
  let lastRead: ReadData | null = null;
  let cancel: RunView['cancel'] = null;
  let lastFailure: AttemptFailedData | null = null;
  let decision: RunView['decision'] = null;
  let position: PositionData = opened.position;
  let place: PlaceData | null = opened.place ?? null;
  let closed: RunView['closed'] = null;
  for (const entry of entries) {
    const step = steps.get(entry.step) ?? { ...NO_STEP, name: entry.step };
    switch (entry.event) {
      case 'step.intent':
        steps.set(entry.step, {
          ...step,
          attempts: step.attempts + 1,
          began: step.began ?? entry.at,
          ended: null,
          pending: true,
          intent: entry.data,
          outcome: null,
        });
        break;
      case 'step.outcome':
        steps.set(entry.step, {
          ...step,
          began: step.began ?? entry.at,
          ended: entry.at,
          pending: false,
          outcome: entry.data as unknown as OutcomeData,
        });
        break;
      case 'run.started':
        started = { ...(entry.data as unknown as StartedData), at: entry.at };
        break;
      case 'submit.tried':
        submissions = { ...submissions, tried: submissions.tried + 1, unanswered: true, doubtful: null };
        break;
      case 'submit.settled':
        submissions = { ...submissions, unanswered: false };
        break;
      case 'submit.doubtful':
        submissions = { ...submissions, doubtful: String(entry.data['words']) };
        break;
      case 'submit.hold_ignored':
        submissions = {
          ...submissions,
          resubmit: false,
          renamed: (entry.data['name'] as string | null | undefined) ?? null,
        };
        break;
      case 'job.submitted':
        job = submittedJob(entry);
        submissions = { ...submissions, unanswered: false };
        break;
      case 'job.owner': {
        const { job_id, evidence } = entry.data as unknown as OwnerData;
        if (job !== null) job = { ...job, job_id, followed: [...job.followed, evidence] };
        break;
      }
      case 'job.releasing':
        if (job !== null) job = { ...job, releasing: true };
        break;
      case 'job.released':
        if (job !== null) job = { ...job, released: true };
        break;
      case 'cluster.named':
        cluster = String(entry.data['name']);
        break;
      case 'job.hopeless':
        hopeless = String(entry.data['reason']);
        break;
      case 'scheduler.read':
        reads.push(entry.at);
        lastRead = entry.data as unknown as ReadData;
        break;
      case 'cancel.requested':
        cancel ??= { at: entry.at, by: String(entry.data['by']) };
        break;
      case 'attempt.failed':
        lastFailure = entry.data as unknown as AttemptFailedData;
        position = lastFailure.after;
        break;
      case 'review.decided':
        decision = { by: String(entry.data['by']), decision: String(entry.data['decision']) };
        break;
      case 'run.resumed':
        position = entry.data['position'] as PositionData;
        place = (entry.data['place'] as PlaceData | undefined) ?? place;
        break;
      case 'run.closed':
        closed = { ...(entry.data as unknown as ClosedData), at: entry.at };
        break;
      default: // A journal.truncated line and the like: evidence only.
    }
  }
  return {
    opened,
    openedAt: first.at,
    steps,
    started,
    job,
    submissions,
    hopeless,
    cluster,
    reads,
    lastRead,
    cancel,
    lastFailure,
    decision,
    position,
    place,
    closed,
    head,
    lastEpoch: entries.at(-1)?.epoch ?? 0,
  };
}

function submittedJob({ data, at }: JournalEntry): JobView {
  const submitted = data as unknown as SubmittedData;
  return { ...submitted, at, submitted_as: submitted.job_id, followed: [], releasing: false, released: false };
}

/** The result of a step that ended well (or, for `execute`, ended at all); null otherwise. */
export function resultOf<Name extends keyof StepResults>(view: RunView, name: Name): StepResults[Name] | null {
  const outcome = view.steps.get(name)?.outcome;
  if (outcome === undefined || outcome === null || outcome.status === 'skipped') return null;
  if (Object.keys(outcome.result).length === 0) return null;
  return outcome.result as StepResults[Name];
}
