import { NOT_CLAIMED_STATUS } from '../script-statuses.ts';
import type { JobEnd } from './job-end.ts';
import type { JobClaim, JobExit } from './receipt.ts';
import { readExitCode } from './values.ts';

/**
 * Whether Slurm's record of the end is about the start that claimed the run. Pure. A controller that is killed right
 * after it has started a job, and restarted with an older state, starts the job a second time: same id, same restart
 * count, one record. The first start is ended without a trap; the second one finds the claim, starts nothing and exits,
 * and accounting has only its end. docs/explanation/exactly-once.md has the rules.
 */
export interface SecondStartFacts {
  /**
   * The claim of the start that Slurm's record counts: `receipt/claim`, or that of a later generation of a requeued
   * job.
   */
  readonly claim: JobClaim | null;
  readonly receipt: JobExit | null;
  /** When the present controller was started; RFC 3339. */
  readonly bootedAt: string | null;
  /** The driver saw the job wait in the queue after its claim: what it saw. */
  readonly seenWaiting: string | null;
}

/** Clocks that differ by more than this cannot authenticate to each other (munge). */
export const MOST_SKEW_MS = 300_000;

/** Why the record is not about the start that claimed the run, or null. */
export function secondStart(end: JobEnd, facts: SecondStartFacts): string | null {
  const { claim, receipt, bootedAt, seenWaiting } = facts;
  if (claim === null || claim.job_id !== end.jobId || claim.restart_count !== end.restarts) return null;
  const code = codeOf(end);
  // A copy that the fence stops never ends well.
  if (end.state === 'COMPLETED' && code === 0) return null;
  if (agrees(end, code, receipt)) return null;
  if (seenWaiting !== null) return seenWaiting;
  if (end.state === 'FAILED' && code === NOT_CLAIMED_STATUS)
    return `the record ends with exit code ${NOT_CLAIMED_STATUS}, as a copy does that finds the claim taken`;
  if (end.nodes === null && (end.elapsedSeconds ?? 0) === 0) return 'the record is of a start that was never made';
  return startedLater(end, claim, bootedAt);
}

/** The exit code of the record; null if a signal ended the job, or the code is unreadable. */
function codeOf(end: JobEnd): number | null {
  const exit = readExitCode(end.exitCode);
  return exit?.signal === 0 ? exit.code : null;
}

/** Whether this start's receipt has the failure of the record. */
function agrees(end: JobEnd, code: number | null, receipt: JobExit | null): boolean {
  if (receipt?.job_id !== end.jobId || receipt.restart_count !== end.restarts) return false;
  // sacct prints an exit code above 128 less 128.
  return code !== null && code !== 0 && receipt.exit_code % 128 === code % 128;
}

function startedLater(end: JobEnd, claim: JobClaim, bootedAt: string | null): string | null {
  if (end.startedAt === null) return null;
  const start = Date.parse(end.startedAt);
  const claimed = Date.parse(claim.claimed_at);
  const booted = bootedAt === null ? NaN : Date.parse(bootedAt);
  const startedAfter = `the record is of a start at ${end.startedAt}, and the run was claimed at ${claim.claimed_at}`;
  const step = end.steps.find(({ startedAt }) => typeof startedAt === 'string' && Date.parse(startedAt) < start);
  if (step !== undefined) return `${startedAfter}; step ${step.id} began at ${String(step.startedAt)}, before its job`;
  // Slurm's times are whole seconds.
  const between = Math.floor(claimed / 1000) * 1000 <= booted && booted <= start && claimed < start;
  if (between) return `${startedAfter}; the controller was started in between, at ${String(bootedAt)}`;
  return claimed + MOST_SKEW_MS < start ? startedAfter : null;
}
