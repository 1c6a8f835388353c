import { failureOf } from '../errors/failure.ts';
import { findActive } from '../run/claim.ts';
import { FRESH_MS, judgedHolder, takeLease } from '../run/lease.ts';
import { describeHolder } from '../run/session.ts';
import { type CommandResult, resultOfFailure, succeed } from './result.ts';

/**
 * `autolab unlock --run ID`: removes the lease of a driver that this host cannot prove dead. It may have died before it
 * claimed a run, or after it had closed one: `--run none`.
 */

const COMMAND = 'unlock';
const NO_RUN = 'none';

export function takeLeaseAway(root: string, runId: string): CommandResult {
  const active = findActive(root);
  const none = active.kind === 'none' && runId === NO_RUN;
  if (!none && (active.kind !== 'one' || active.run.runId !== runId)) {
    const what = active.kind === 'one' ? `the active run is ${active.run.runId}` : 'no run is active';
    return resultOfFailure(
      COMMAND,
      failureOf('run.not_found', { message: `${runId} is not the active run: ${what}.` }),
    );
  }
  const parts = none ? {} : { run_id: runId };
  const hint = none ? 'Launch: autolab launch' : 'Resume the run: autolab resume';
  const holder = judgedHolder(root);
  if (holder === null) return succeed(COMMAND, { message: 'No process holds the project.', hint }, parts);
  const known = describeHolder(holder, none ? null : runId).message;
  if (holder.liveness === 'alive')
    return resultOfFailure(COMMAND, failureOf('lease.held', { message: `${known} It is alive.` }), parts);
  if (holder.liveness === 'unknown' && (holder.heartbeatAgeMs ?? 0) < FRESH_MS) {
    return resultOfFailure(COMMAND, failureOf('lease.fresh', { message: known }), parts);
  }
  const taken = takeLease(root, COMMAND, true);
  if (!taken.ok) return resultOfFailure(COMMAND, failureOf('lease.held'), parts);
  taken.lease.release();
  return succeed(COMMAND, { message: `${known} Its lease was removed.`, hint }, parts);
}
