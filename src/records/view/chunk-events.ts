import type { OfChunk } from '../journal-events.ts';
import { type Reducers, unchanged, withChunk } from './reducer.ts';
import type { JobView, RunState } from './state.ts';

/** What becomes of a job after its submission, or of a run that needs none. */
export const CHUNK_EVENTS = {
  'run.started': (state, { at, data }) => withChunk(state, {}, (chunk) => ({ ...chunk, started: { ...data, at } })),
  'job.owner': (state, { data }) =>
    withJob(state, {}, (job) => ({ ...job, job_id: data.job_id, followed: [...job.followed, data.evidence] })),
  'job.releasing': (state, { data }) => withJob(state, data, (job) => ({ ...job, releasing: true })),
  'job.released': (state, { data }) => withJob(state, data, (job) => ({ ...job, released: true })),
  'job.hopeless': (state, { data }) => withChunk(state, data, (chunk) => ({ ...chunk, hopeless: data.reason })),
  'tasks.cancelled': unchanged,
  'tasks.stopped': (state, { data }) => ({ ...state, stopped: state.stopped ?? data.why }),
  'job.start_lost': unchanged,
  'order.unanswered': unchanged,
  'scheduler.read': (state, { data }) => ({ ...state, lastRead: data }),
} satisfies Partial<Reducers>;

/** Without a job there is nothing to change. */
function withJob(state: RunState, of: OfChunk, change: (job: JobView) => JobView): RunState {
  return withChunk(state, of, (chunk) => (chunk.job === null ? chunk : { ...chunk, job: change(chunk.job) }));
}
