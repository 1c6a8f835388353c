import type { OfChunk } from '../journal-events.ts';
import type { ChunkPlan } from '../run-data.ts';
import { type Reducers, unchanged, withChunk } from './reducer.ts';
import type { ChunkState, RunState, SubmissionsView } from './state.ts';

const NO_SUBMISSION: SubmissionsView = {
  tried: 0,
  unanswered: false,
  resubmit: true,
  doubtful: null,
  renamed: null,
};

export function newChunk(index: number, plan: ChunkPlan | null): ChunkState {
  return { index, plan, givenUp: null, submissions: NO_SUBMISSION, job: null, hopeless: null, started: null };
}

/** From the first call of `sbatch` to a job. */
export const SUBMIT_EVENTS = {
  'cluster.named': (state, { data }) => ({ ...state, cluster: data.name }),
  // A run has its first chunk from the beginning.
  'chunk.planned': (state, { data: plan }) =>
    plan.chunk < state.chunks.length
      ? withChunk(state, plan, (chunk) => ({ ...chunk, plan }))
      : { ...state, chunks: [...state.chunks, newChunk(plan.chunk, plan)] },
  'chunk.given_up': (state, { data: { chunk, code, message } }) =>
    withChunk(state, { chunk }, (one) => ({ ...one, givenUp: { code, message } })),
  'submit.tried': (state, { data }) =>
    withSubmissions(state, data, ({ tried }) => ({ tried: tried + 1, unanswered: true, doubtful: null })),
  'submit.settled': (state, { data }) => withSubmissions(state, data, () => ({ unanswered: false })),
  'submit.doubtful': (state, { data }) => withSubmissions(state, data, () => ({ doubtful: data.words })),
  // The call stays unanswered.
  'submit.interrupted': unchanged,
  'submit.hold_ignored': (state, { data }) =>
    withSubmissions(state, data, () => ({ resubmit: false, renamed: data.name ?? null })),
  'job.submitted': (state, { at, data: { chunk, ...data } }) =>
    withChunk(state, chunk === undefined ? {} : { chunk }, (one) => ({
      ...one,
      submissions: { ...one.submissions, unanswered: false },
      job: { ...data, at, submitted_as: data.job_id, followed: [], releasing: false, released: false },
    })),
} satisfies Partial<Reducers>;

function withSubmissions(
  state: RunState,
  of: OfChunk,
  change: (submissions: SubmissionsView) => Partial<SubmissionsView>,
): RunState {
  return withChunk(state, of, (chunk) => ({
    ...chunk,
    submissions: { ...chunk.submissions, ...change(chunk.submissions) },
  }));
}
