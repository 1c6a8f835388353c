import { type Reducers, unchanged, withTask } from './reducer.ts';
import type { JobView, RunState } from './state.ts';

/** What becomes of a task after its submission, or of one that needs none. */
export const TASK_EVENTS = {
  'run.started': (state, { at, data }) => withTask(state, (task) => ({ ...task, started: { ...data, at } })),
  'job.owner': (state, { data }) =>
    withJob(state, (job) => ({ ...job, job_id: data.job_id, followed: [...job.followed, data.evidence] })),
  'job.releasing': (state) => withJob(state, (job) => ({ ...job, releasing: true })),
  'job.released': (state) => withJob(state, (job) => ({ ...job, released: true })),
  'job.hopeless': (state, { data }) => withTask(state, (task) => ({ ...task, hopeless: data.reason })),
  'job.start_lost': unchanged,
  'order.unanswered': unchanged,
  'scheduler.read': (state, { data }) => ({ ...state, lastRead: data }),
} satisfies Partial<Reducers>;

/** Without a job there is nothing to change. */
function withJob(state: RunState, change: (job: JobView) => JobView): RunState {
  return withTask(state, (task) => (task.job === null ? task : { ...task, job: change(task.job) }));
}
