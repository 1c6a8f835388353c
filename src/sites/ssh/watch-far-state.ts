import { type GrowingDelay, growingDelay, grown } from '../../platform/growing-delay.ts';
import type { Looked } from '../../run/site.ts';
import { type Answer, QUESTION_SECONDS } from '../../transports/far-look.ts';
import type { QueueQuestion } from '../run-folder.ts';

/** Waiting for news of a run on another host, as a value: one long look after the other. Pure. */

/** A look there lasts at most this long; what a lost connection left behind ends then. */
export const WAIT_SECONDS = 25;
const FIRST_RETRY = growingDelay(1_000, 60_000);
/** If there is no folder to look into. */
const AGAIN_MS = 5_000;
/** A look begins to wait a little later than it is sent. */
const SLACK_MS = 2_000;

export interface FarWatch {
  readonly looking: boolean;
  /** The host did not answer the last look. */
  readonly lost: boolean;
  /** No look is sent before; on the monotonic clock. */
  readonly notBeforeMs: number;
  readonly retry: GrowingDelay;
  /** What the present look will answer, if that is certain. */
  readonly asked: QueueQuestion | null;
  /** An answer that is not taken yet. */
  readonly answer: Answer | null;
}

export const NOT_LOOKED: FarWatch = {
  looking: false,
  lost: false,
  notBeforeMs: 0,
  retry: FIRST_RETRY,
  asked: null,
  answer: null,
};

export type FarNews =
  | { readonly kind: 'sent'; readonly question: QueueQuestion; readonly nowMs: number }
  | { readonly kind: 'came'; readonly looked: Looked; readonly nowMs: number }
  | { readonly kind: 'taken' };

/** What follows: the user is notified once, and waiters are woken. */
export type FarAction =
  { readonly kind: 'lost'; readonly words: string } | { readonly kind: 'back' } | { readonly kind: 'wake' };

export interface FarStep {
  readonly state: FarWatch;
  readonly actions: readonly FarAction[];
}

export function nextFar(state: FarWatch, news: FarNews): FarStep {
  switch (news.kind) {
    case 'sent':
      return { state: { ...state, looking: true, asked: countedOn(state, news) }, actions: [] };
    case 'taken':
      return { state: { ...state, answer: null }, actions: [] };
    case 'came':
      return came({ ...state, looking: false, asked: null }, news.looked, news.nowMs);
  }
}

/** A question that is due later goes along, too; a host that does not answer is not relied on. */
function countedOn({ lost }: FarWatch, { question, nowMs }: Extract<FarNews, { kind: 'sent' }>): QueueQuestion | null {
  return lost || secondsUntil(question, nowMs) > WAIT_SECONDS ? null : question;
}

function came(state: FarWatch, looked: Looked, nowMs: number): FarStep {
  if (looked.kind === 'lost')
    return {
      state: {
        ...state,
        lost: true,
        notBeforeMs: nowMs + state.retry.ms,
        retry: grown(state.retry),
      },
      actions: state.lost ? [] : [{ kind: 'lost', words: looked.lost.words }],
    };
  const answered = looked.kind === 'looked' ? looked.answer : null;
  return {
    state: {
      ...state,
      lost: false,
      retry: FIRST_RETRY,
      notBeforeMs: looked.kind === 'missing' ? nowMs + AGAIN_MS : state.notBeforeMs,
      answer: answered ?? state.answer,
    },
    actions: [...(state.lost ? [{ kind: 'back' } as const] : []), { kind: 'wake' }],
  };
}

export function mayLook({ looking, notBeforeMs }: FarWatch, nowMs: number): boolean {
  return !looking && nowMs >= notBeforeMs;
}

/** Whether the look that is under way will bring what is due at that time, soon enough. */
export function willBring({ asked }: FarWatch, { dueMs }: QueueQuestion, nowMs: number): boolean {
  return asked !== null && asked.dueMs <= dueMs + SLACK_MS && nowMs < dueMs + SLACK_MS + QUESTION_SECONDS * 1000;
}

export function secondsUntil({ dueMs }: QueueQuestion, nowMs: number): number {
  return Math.max(0, (dueMs - nowMs) / 1000);
}
