import { userInfo } from 'node:os';
import { isFinal } from '../job.mjs';
import { Misuse } from '../misuse.mjs';
import { changeJob } from '../store.mjs';

/** 0 also for a job that has ended or was never there. */
export function scancel(store, words) {
  if (words.length === 0) return { status: 1, stdout: '', stderr: 'scancel: error: No job identification provided\n' };
  const wrong = words.find((word) => !/^\d+$/.test(word));
  if (wrong !== undefined) throw new Misuse(`scancel: ${wrong} is not understood; only ids are`);
  for (const id of words) changeJob(store, id, cancelled);
  return { status: 0, stdout: '', stderr: '' };
}

/** A job that runs is ended by its node; one that waits ends here. */
function cancelled(job) {
  if (isFinal(job.state)) return null;
  const by = userInfo().uid;
  if (job.state === 'PENDING')
    return { ...job, state: 'CANCELLED', reason: 'None', cancelled_by: by, ended_at: Date.now() };
  return { ...job, cancelled_by: by };
}
