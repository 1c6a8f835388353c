import { failureOf } from '../errors/failure.ts';
import { findActive } from './claim.ts';
import { FRESH_MS, judgedHolder, takeLease } from './lease.ts';
import { resultOfFailure, type CommandResult } from './result.ts';
import { describeHolder } from './session.ts';

/** `autolab unlock --run ID`: takes the lease away from a driver that nobody here can prove dead. */

const COMMAND = 'unlock';

export function unlock(root: string, runId: string): CommandResult {
  const active = findActive(root);
  if (active.kind !== 'one' || active.run.runId !== runId) {
    const what = active.kind === 'one' ? `the active run is ${active.run.runId}` : 'no run is active';
    return resultOfFailure(
      COMMAND,
      failureOf('run.not_found', { message: `${runId} is not the active run: ${what}.` }),
    );
  }
  const holder = judgedHolder(root);
  if (holder === null)
    return resultOfFailure(
      COMMAND,
      failureOf('ok', { message: 'Nobody holds the lease.', hint: 'Go on with the run: autolab resume' }),
      { run_id: runId },
    );
  const known = describeHolder(holder, runId).message;
  if (holder.liveness === 'alive')
    return resultOfFailure(COMMAND, failureOf('lease.held', { message: `${known} It is alive.` }), { run_id: runId });
  if (holder.liveness === 'unknown' && (holder.heartbeatAgeMs ?? 0) < FRESH_MS) {
    return resultOfFailure(COMMAND, failureOf('lease.fresh', { message: known }), { run_id: runId });
  }
  const taken = takeLease(root, COMMAND, true);
  if (!taken.ok) return resultOfFailure(COMMAND, failureOf('lease.held'), { run_id: runId });
  taken.lease.release();
  return resultOfFailure(
    COMMAND,
    failureOf('ok', { message: `${known} Its lease was taken away.`, hint: 'Go on with the run: autolab resume' }),
    { run_id: runId },
  );
}
