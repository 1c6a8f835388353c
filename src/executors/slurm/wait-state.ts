import { AMPLE, delayNearEnd, nextDelay, readsLeft } from '../../schedulers/slurm/polling.ts';
import type { QueueAnswer } from '../../schedulers/slurm/queue.ts';

/**
 * Waiting for the end of a job, as a value. The receipt says first that the end is near; the queue has the last word; an
 * empty answer without a receipt has to come twice. Pure: times come with the news, on the monotonic clock.
 */
export interface WaitState {
  /** When the queue is asked next. */
  readonly nextPollMs: number;
  readonly polls: number;
  /** Polls since the first sign of the job's end: the next ones come quickly. */
  readonly quick: number;
  /** The next poll is one of these quick ones. */
  readonly soon: boolean;
  /** Answers in a row in which the job has left the queue. */
  readonly gone: number;
  readonly completingSinceMs: number | null;
  /** The receipt for which the queue was asked. */
  readonly receipt: string | null;
  /** The last message to the user. */
  readonly told: string;
  /** When the job was cancelled last. */
  readonly cancelledMs: number | null;
  /** The last cancel was not answered. */
  readonly unheard: boolean;
  /** Since when the queue does not answer. */
  readonly silentSinceMs: number | null;
  /** The reason why the job waits was looked up. */
  readonly looked: boolean;
  /** The job's name in the queue; null before the queue has said anything. */
  readonly name: string | null;
  /** If the claim names another job, the next query for its owner comes after this many polls. */
  readonly askOwnerAt: number;
  /** What was found out about each reason for waiting. */
  readonly reasons: ReadonlyMap<string, string | null>;
  /** Why it cannot start on its own, by the last answer. */
  readonly why: string | null;
}

export function beganWaiting(nextPollMs: number): WaitState {
  return {
    nextPollMs,
    polls: 0,
    quick: 0,
    soon: false,
    gone: 0,
    completingSinceMs: null,
    receipt: null,
    told: '',
    cancelledMs: null,
    unheard: false,
    silentSinceMs: null,
    looked: false,
    name: null,
    askOwnerAt: 0,
    reasons: new Map(),
    why: null,
  };
}

/** How often the scheduler may be asked. */
export interface Pace {
  readonly minSeconds: number;
  readonly maxSeconds: number;
  /** In [0, 1). */
  readonly jitter: number;
  /** When the scheduler was asked anything for this run, RFC 3339, oldest first. */
  readonly reads: readonly string[];
  /** RFC 3339. */
  readonly now: string;
}

export type WaitNews =
  | { readonly kind: 'receipt'; readonly text: string; readonly nowMs: number }
  | QueueNews
  | { readonly kind: 'explained'; readonly reason: string; readonly why: string | null }
  /** A user's cancel was sent. */
  | { readonly kind: 'cancelled'; readonly heard: boolean; readonly nowMs: number }
  /** The job was cancelled because it can never do its work. */
  | { readonly kind: 'given_back'; readonly nowMs: number }
  | { readonly kind: 'waiting_looked_at'; readonly known: boolean }
  | { readonly kind: 'owner_asked' }
  /** Another copy of the job runs: its queue line, log and end count from here on. */
  | { readonly kind: 'followed' };

export interface QueueNews {
  readonly kind: 'queue';
  readonly answer: QueueAnswer;
  /** Name of the job if the queue has said none. */
  readonly submittedName: string;
  readonly words: string;
  readonly why: string | null;
  readonly askedMs: number;
  readonly nowMs: number;
  readonly pace: Pace;
}

export type WaitAction =
  | { readonly kind: 'tell'; readonly words: string }
  /** Slurm says that the job can never start. */
  | { readonly kind: 'give_back'; readonly reason: string }
  | { readonly kind: 'look_at_waiting'; readonly name: string; readonly reason: string | null }
  | { readonly kind: 'left' };

export interface WaitStep {
  readonly state: WaitState;
  readonly actions: readonly WaitAction[];
}

export function nextWait(state: WaitState, news: WaitNews): WaitStep {
  switch (news.kind) {
    case 'receipt':
      return only(news.text === state.receipt ? state : hurried(state, news.text, news.nowMs));
    case 'queue':
      return answered(state, news);
    case 'explained':
      return only({ ...state, reasons: new Map([...state.reasons, [news.reason, news.why]]) });
    case 'cancelled':
      return only(hurried({ ...state, unheard: !news.heard, cancelledMs: news.nowMs }, state.receipt, news.nowMs));
    case 'given_back':
      return only({ ...state, cancelledMs: news.nowMs });
    case 'waiting_looked_at':
      return only({ ...state, looked: news.known });
    case 'owner_asked':
      return only({ ...state, askOwnerAt: Math.max(1, state.polls * 2) });
    case 'followed':
      return only({ ...state, gone: 0, completingSinceMs: null, cancelledMs: null, name: null });
  }
}

function only(state: WaitState): WaitStep {
  return { state, actions: [] };
}

/** The end may be near: the queue is asked now. */
function hurried(state: WaitState, receipt: string | null, nowMs: number): WaitState {
  return { ...state, receipt, quick: 0, soon: true, nextPollMs: nowMs };
}

function answered(before: WaitState, news: QueueNews): WaitStep {
  const { answer, words, why, nowMs, askedMs } = news;
  const silent = answer.kind === 'no_answer';
  const state = scheduled(
    {
      ...before,
      polls: before.polls + 1,
      why,
      told: silent ? before.told : words,
      silentSinceMs: silent ? (before.silentSinceMs ?? askedMs) : null,
    },
    news,
  );
  if (silent) return only(state);
  const tell: readonly WaitAction[] = words === before.told ? [] : [{ kind: 'tell', words }];
  const step = answer.kind === 'listed' ? listed(state, answer, news, nowMs) : gone(state, answer);
  return { state: step.state, actions: [...tell, ...step.actions] };
}

type Listed = Extract<QueueAnswer, { readonly kind: 'listed' }>;

function listed(before: WaitState, answer: Listed, { submittedName }: QueueNews, nowMs: number): WaitStep {
  // A cancel under the job's former name has missed it.
  const renamed = answer.name !== (before.name ?? submittedName);
  const pending = answer.state === 'PENDING';
  const state: WaitState = {
    ...before,
    gone: 0,
    name: answer.name,
    cancelledMs: renamed ? null : before.cancelledMs,
    looked: pending && before.looked,
    completingSinceMs: answer.state === 'COMPLETING' ? (before.completingSinceMs ?? nowMs) : null,
  };
  if (answer.hopeless) return { state, actions: [{ kind: 'give_back', reason: answer.reason ?? '' }] };
  if (!pending || state.cancelledMs !== null) return only(state);
  return { state, actions: [{ kind: 'look_at_waiting', name: answer.name, reason: answer.reason }] };
}

/** The queue does not have the job any more: believed at once only with another sign of its end. */
function gone(before: WaitState, answer: Exclude<QueueAnswer, Listed>): WaitStep {
  const state = { ...before, gone: before.gone + 1 };
  const remembered = answer.kind === 'gone' && answer.state !== null;
  const { receipt, completingSinceMs, cancelledMs } = state;
  const spoken = receipt !== null || completingSinceMs !== null || cancelledMs !== null;
  return { state, actions: remembered || spoken || state.gone > 1 ? [{ kind: 'left' }] : [] };
}

/** An answer that may be wrong once is requested again after this time. */
const AGAIN_MS = 3_000;

/** When the queue is asked next. */
function scheduled(state: WaitState, { answer, nowMs, pace }: QueueNews): WaitState {
  const endNear = state.receipt !== null || state.cancelledMs !== null || state.completingSinceMs !== null;
  // A user who cancels waits for the end: that justifies a few more questions.
  const left = state.cancelledMs !== null ? Infinity : readsLeft(pace.reads, pace.now);
  const seconds = endNear ? delayNearEnd(state.quick, left) : null;
  const soon = seconds !== null;
  if (answer.kind !== 'listed' && answer.kind !== 'no_answer') return { ...state, soon, nextPollMs: nowMs + AGAIN_MS };
  if (seconds !== null) return { ...state, soon, quick: state.quick + 1, nextPollMs: nowMs + seconds * 1000 };
  return { ...state, soon, nextPollMs: nowMs + nextDelay({ poll: state.polls, ...pace }) * 1000 };
}

/** Longer than this in COMPLETING, and accounting may know the end although the queue still shows the job. */
const COMPLETING_MS = 60_000;

export function completesTooLong({ completingSinceMs }: WaitState, nowMs: number): boolean {
  return completingSinceMs !== null && nowMs - completingSinceMs > COMPLETING_MS;
}

/** The queue is looked at this often before a detached driver leaves a job that has left a receipt. */
const LOOKS_AT_RECEIPT = 3;

/**
 * A detached driver leaves only after it has looked. After one empty answer the end is a few seconds away, and so it is with
 * a receipt, unless that is of a start before a requeue.
 */
export function mayLeave({ polls, gone: left, soon, quick }: WaitState): boolean {
  return polls > 0 && left === 0 && !(soon && quick < LOOKS_AT_RECEIPT);
}

const CANCEL_AGAIN_MS = 60_000;
/** A `scancel` that failed to arrive is repeated sooner. */
const UNHEARD_AGAIN_MS = 10_000;

export function cancelIsDue({ cancelledMs, unheard }: WaitState, nowMs: number): boolean {
  return cancelledMs === null || nowMs - cancelledMs >= (unheard ? UNHEARD_AGAIN_MS : CANCEL_AGAIN_MS);
}

/** After this time, a user who cancels gets the message that the queue does not answer. The request remains. */
const PATIENCE_MS = 30_000;

export function outOfPatience({ silentSinceMs }: WaitState, nowMs: number): boolean {
  return silentSinceMs !== null && nowMs - silentSinceMs >= PATIENCE_MS;
}

/** The owner of the claim, if it names another job: queried less and less often while it is unknown. */
export function ownerIsDue({ polls, askOwnerAt }: WaitState): boolean {
  return polls >= askOwnerAt;
}

/** The known facts about a reason; undefined if they can be queried now. */
export function explanationOf(
  state: WaitState,
  reason: string,
  { reads, now }: Pick<Pace, 'reads' | 'now'>,
): string | null | undefined {
  if (state.reasons.has(reason)) return state.reasons.get(reason) ?? null;
  return readsLeft(reads, now) < AMPLE ? null : undefined;
}
