import { userInfo } from 'node:os';
import { isFinal } from '../job.mjs';
import { Misuse } from '../misuse.mjs';
import { optionTable, parseOptions } from '../options.mjs';
import { changeJob, readJob } from '../store.mjs';

const OPTIONS = optionTable({}, { '--name': 'name', '--jobname': 'name', '-n': 'name' });

/** By its id alone: 0 also for a job that has ended or was never there. With a name: 1 for those, and 0 for one of another name. */
export function scancel(store, words) {
  const { values, operands } = parseOptions('scancel', OPTIONS, words);
  if (operands.length === 0)
    return { status: 1, stdout: '', stderr: 'scancel: error: No job identification provided\n' };
  const wrong = operands.find((word) => !/^\d+$/.test(word));
  if (wrong !== undefined) throw new Misuse(`scancel: ${wrong} is not understood; only ids are`);
  const errors = operands.flatMap((id) => cancel(store, id, values.name));
  return { status: errors.length === 0 ? 0 : 1, stdout: '', stderr: errors.join('') };
}

function cancel(store, id, name) {
  if (name !== undefined) {
    const job = readJob(store, id);
    if (job === null || isFinal(job.state))
      return [`scancel: error: Kill job error on job id ${id}: Invalid job id specified\n`];
    if (job.name !== name) return [];
  }
  changeJob(store, id, cancelled);
  return [];
}

/** A job that runs is ended by its node; one that waits ends here. */
function cancelled(job) {
  if (isFinal(job.state)) return null;
  const by = userInfo().uid;
  if (job.state === 'PENDING')
    return { ...job, state: 'CANCELLED', reason: 'None', cancelled_by: by, ended_at: Date.now() };
  return { ...job, cancelled_by: by };
}
