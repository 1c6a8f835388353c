import type { EventOf } from '../journal-events.ts';
import { type Reducers, unchanged } from './reducer.ts';
import type { RunState } from './state.ts';
import { newChunk } from './submit-events.ts';

/** The run as a whole: who drives it, who stops it, how it is closed. */
export const RUN_EVENTS = {
  // The first line began the state, and a journal has one.
  'run.opened': unchanged,
  'run.resumed': (state, { data }) => ({ ...state, position: data.position, place: data.place ?? state.place }),
  // The first one who asked counts.
  'cancel.requested': (state, { at, data }) =>
    state.cancel === null ? { ...state, cancel: { at, by: data.by } } : state,
  'review.decided': (state, { data }) => ({ ...state, decision: { by: data.by, decision: data.decision } }),
  // The close that follows says the same.
  'run.abandon': unchanged,
  'run.closed': (state, { at, data }) => ({ ...state, closed: { ...data, at } }),
  'run.observed': (state, { data }) => ({ ...state, observed: data }),
  'journal.truncated': unchanged,
} satisfies Partial<Reducers>;

/** The run as its first line opens it. */
export function openedState({ at, data }: EventOf<'run.opened'>): RunState {
  return {
    opened: data,
    openedAt: at,
    steps: new Map(),
    chunks: [newChunk(0, null)],
    stopped: null,
    cluster: null,
    lastRead: null,
    cancel: null,
    lastFailure: null,
    decision: null,
    position: data.position,
    place: data.place ?? null,
    observed: null,
    closed: null,
  };
}
