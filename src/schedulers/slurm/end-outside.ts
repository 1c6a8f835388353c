import { type EndContext, type EndFinding, type Words, wordsAbout } from './end-context.ts';
import type { JobEnd } from './job-end.ts';
import { isOfRun } from './run-step.ts';
import type { DaemonWords } from './step-daemon.ts';

/** Runs that were ended from outside, whatever the job's state says. Pure. */

/**
 * Whether the job may have been preempted although its state does not say so: then the controller is asked, which
 * remembers.
 */
export function mayHideAPreemption(end: JobEnd, context: EndContext): boolean {
  if (end.state === 'COMPLETED') return true;
  return end.state === 'FAILED' && wordsAbout(end, context).cancelled.length > 0;
}

/** Whether the job got nodes and ended before the first line of its script, without a cancel through autolab. */
export function endedUnbegun(end: JobEnd, context: EndContext): boolean {
  const { begun, cancelRequested, receipt } = context;
  const started = begun || receipt?.job_id === end.jobId;
  return /^(?:CANCELLED|FAILED|TIMEOUT)$/.test(end.state) && end.nodes !== null && !started && !cancelRequested;
}

/**
 * A run that was stopped from outside, whatever its own reaction: it may save its work and end with 0. `ended`: the
 * job's recorded end. Returns null if nothing shows that it was stopped.
 */
export function stopped(end: JobEnd, context: EndContext, words: Words, ended: string): EndFinding | null {
  return stoppedBySlurm(end, words, ended) ?? cancelledFromOutside(end, context, words, ended);
}

function stoppedBySlurm(end: JobEnd, { cancelled: lines }: Words, ended: string): EndFinding | null {
  if (end.preemptedAt !== null)
    return ['slurm.preempted', `The job was preempted: Slurm gave it notice at ${end.preemptedAt}. ${ended}.`];
  if (lines.some(({ because }) => because === 'PREEMPTION'))
    return ['slurm.preempted', `The job was preempted, as slurmstepd wrote into its log. ${ended}.`];
  if (lines.some(({ because }) => because === 'TIME LIMIT'))
    return ['slurm.timeout', `The step that ran the entrypoint reached a time limit. ${ended}.`];
  return null;
}

function cancelledFromOutside(end: JobEnd, context: EndContext, words: Words, ended: string): EndFinding | null {
  const { cancelled: lines, run } = words;
  const step = end.steps.find(({ id, state }) => state === 'CANCELLED' && isOfRun(run, id));
  const by = step?.cancelledBy ?? null;
  if (lines.length === 0 && step === undefined) return null;
  // srun ends the other tasks of a step in the same way after one of them has failed.
  if (by === null && end.state === 'FAILED' && !words.daemon.cancelledFirst) return null;
  if (context.cancelRequested) return ['run.cancelled', 'The run was cancelled.'];
  const what = lines[0]?.step ?? step?.id ?? null;
  const name = what === null ? 'The job' : `The step ${what}, which ran the entrypoint,`;
  return ['slurm.cancelled', `${name} was cancelled${byUser(by)}, and not by autolab. ${ended}.`];
}

/** The node's daemon cancels a job that it cannot start, as user 0 if it runs as root. */
export function startFailed(end: JobEnd, { nodeReasons }: EndContext, daemon: DaemonWords): EndFinding | null {
  const where = end.nodes ?? 'its node';
  const [prolog] = daemon.prolog;
  const reasons = nodeReasons.length === 0 ? '' : ` ${nodeReasons.join('; ')}.`;
  if (prolog !== undefined)
    return [
      'slurm.start_failed',
      `The job could not start on ${where}: the log says "${prolog}". Its script did not begin.${reasons}`,
    ];
  if (nodeReasons.length > 0)
    return ['slurm.start_failed', `The job was ended on ${where} before the first line of its script.${reasons}`];
  if (end.cancelledBy !== '0' || (end.elapsedSeconds ?? 0) > 1) return null;
  return [
    'slurm.start_failed',
    `The job was cancelled by user 0 on ${where}, before the first line of its script: so Slurm records a node that cannot start a job; an administrator's scancel at that moment looks the same.`,
  ];
}

export function byUser(user: string | null): string {
  if (user === null) return '';
  return user === '0' ? ' by user 0 (an administrator, or Slurm itself)' : ` by user ${user}`;
}

export function noticeAt(time: string | null): string {
  return time === null ? '' : `: Slurm gave it notice at ${time}`;
}
