// What a job is at this moment: for the controller (which forgets) and for the books (which lag).
import { faultNamed } from './faults.mjs';

export const FINAL = [
  'BOOT_FAIL',
  'CANCELLED',
  'COMPLETED',
  'DEADLINE',
  'FAILED',
  'NODE_FAIL',
  'OUT_OF_MEMORY',
  'PREEMPTED',
  'REVOKED',
  'TIMEOUT',
];

export function isFinal(state) {
  return FINAL.includes(state);
}

/** The controller's view: null once it has forgotten the job. */
export function controllerView(store, job, now) {
  if (job.ended_at === null) return job;
  const completing = faultNamed(job.faults, 'completing');
  if (completing !== null && now < job.ended_at + (completing.seconds ?? 60) * 1000)
    return { ...job, state: 'COMPLETING' };
  const forgets = faultNamed(job.faults, 'purged') === null ? store.config.min_job_age_seconds : 0;
  return now >= job.ended_at + forgets * 1000 ? null : job;
}

/** The id after a crash that lost the job: it was given to the next one, of somebody else. */
export function stranger(job) {
  const started = job.started_at ?? job.submitted_at;
  const script = { command: '/elsewhere/job.sh', args: [], chdir: '/elsewhere' };
  return { ...job, ...script, name: 'old-job', state: 'RUNNING', reason: 'None', started_at: started, ended_at: null };
}

/** The books' view: for as long as they lag, the job still runs. */
export function accountedView(job, now) {
  const lag = faultNamed(job.faults, 'accounting_lag');
  const late = lag !== null && job.ended_at !== null && now < job.ended_at + (lag.seconds ?? 3) * 1000;
  return late ? asRunning(job) : job;
}

export function asRunning(job) {
  return {
    ...job,
    state: job.started_at === null ? 'PENDING' : 'RUNNING',
    ended_at: null,
    exit_code: 0,
    signal: 0,
    steps: [],
  };
}

export function elapsedSeconds(job, now) {
  return job.started_at === null ? 0 : Math.max(0, ((job.ended_at ?? now) - job.started_at) / 1000);
}
