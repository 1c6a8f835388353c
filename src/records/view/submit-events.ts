import { type Reducers, unchanged, withTask } from './reducer.ts';
import type { RunState, SubmissionsView } from './state.ts';

export const NO_SUBMISSION: SubmissionsView = {
  tried: 0,
  unanswered: false,
  resubmit: true,
  doubtful: null,
  renamed: null,
};

/** From the first call of `sbatch` to a job. */
export const SUBMIT_EVENTS = {
  'cluster.named': (state, { data }) => ({ ...state, cluster: data.name }),
  'submit.tried': (state) =>
    withSubmissions(state, { tried: state.submissions.tried + 1, unanswered: true, doubtful: null }),
  'submit.settled': (state) => withSubmissions(state, { unanswered: false }),
  'submit.doubtful': (state, { data }) => withSubmissions(state, { doubtful: data.words }),
  // The call stays unanswered.
  'submit.interrupted': unchanged,
  'submit.hold_ignored': (state, { data }) => withSubmissions(state, { resubmit: false, renamed: data.name ?? null }),
  'job.submitted': (state, { at, data }) =>
    withTask(withSubmissions(state, { unanswered: false }), (task) => ({
      ...task,
      job: { ...data, at, submitted_as: data.job_id, followed: [], releasing: false, released: false },
    })),
} satisfies Partial<Reducers>;

function withSubmissions(state: RunState, change: Partial<SubmissionsView>): RunState {
  return { ...state, submissions: { ...state.submissions, ...change } };
}
