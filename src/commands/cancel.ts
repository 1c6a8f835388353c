import { userInfo } from 'node:os';
import { failureOf } from '../errors/failure.ts';
import { guardOriginal } from '../executors/original.ts';
import { guardRun } from '../plan/guard.ts';
import { createExclusive } from '../platform/files.ts';
import { now } from '../platform/time.ts';
import { waitForChange } from '../platform/watch.ts';
import { canonicalFile } from '../records/canonical.ts';
import type { RunPaths } from '../records/paths.ts';
import { type ActiveRun, clearClaim, findActive } from '../run/claim.ts';
import type { DriverControl } from '../run/control.ts';
import { FRESH_MS, judgedHolder } from '../run/lease.ts';
import { acquireLease, describeHolder, type LaunchEnvironment, openRun, peekRun } from '../run/session.ts';
import { clearPending } from '../run/state-file.ts';
import { type CommandResult, resultOfFailure } from './result.ts';
import { carryOn } from './resume.ts';
import { resultOfClosed } from './run-result.ts';

/** `autolab cancel`: stop the active run, wait for its confirmed end, and record it. */

const COMMAND = 'cancel';

interface Canceller {
  /** Who asked, for the record. */
  readonly by: string;
}

export async function cancelRun(
  env: LaunchEnvironment & { readonly control: DriverControl },
  given: Partial<Canceller> = {},
): Promise<CommandResult> {
  const options: Canceller = { by: given.by ?? userName() };
  const active = findActive(env.root);
  if (active.kind === 'none') return resultOfFailure(COMMAND, failureOf('run.none_active'));
  if (active.kind === 'several')
    return resultOfFailure(
      COMMAND,
      failureOf('run.other_active', { message: 'Several runs are open; cancel needs one.' }),
    );
  const { run } = active;
  let asked = false;
  for (;;) {
    const peek = peekRun(env.root, run);
    if (peek.kind === 'corrupt') return resultOfFailure(COMMAND, peek.failure);
    const escape = guardRun(env.root, peek.paths);
    if (escape !== null) return resultOfFailure(COMMAND, escape);
    const copied = peek.kind === 'run' && peek.view.closed === null ? guardOriginal(env.root, peek.view) : null;
    if (copied !== null) return resultOfFailure(COMMAND, copied, { run_id: run.runId });
    const holder = judgedHolder(env.root);
    const driven = holder !== null && holder.liveness !== 'dead';
    if (!driven) {
      const done = peek.kind === 'unopened' ? cancelUnopened(env, run) : await driveCancel(env, peek.paths, options);
      if (done !== null) return done;
      continue;
    }
    if (holder.liveness === 'unknown' && (holder.heartbeatAgeMs ?? Infinity) > FRESH_MS)
      return resultOfFailure(COMMAND, describeHolder(holder, run.runId));
    if (peek.kind === 'run' && peek.view.closed === null && !asked) {
      asked = true;
      createExclusive(peek.paths.cancel, canonicalFile({ by: options.by, at: now() }));
      env.emit({
        type: 'note',
        message: `Asked the driver of ${run.runId} (process ${holder.record.pid} on ${holder.record.host}) to stop it; waiting for the confirmed end.`,
      });
    }
    if (env.control.detach || env.control.cancelBy !== null)
      return resultOfFailure(
        COMMAND,
        failureOf('interrupted', { message: 'Interrupted; the request to cancel remains.' }),
      );
    await waitForChange(peek.paths.folder, 500, env.control.signal);
    const after = peekRun(env.root, run);
    // Closed, and its driver has finished the writes that follow.
    if (after.kind === 'run' && after.view.closed !== null && !isActive(env.root, run))
      return resultOfClosed(COMMAND, after.view);
  }
}

/** And no other run has begun meanwhile: waiting for this one would never end. */
function isActive(root: string, run: ActiveRun): boolean {
  const active = findActive(root);
  return active.kind !== 'none' && (active.kind === 'several' || active.run.runId === run.runId);
}

/** Returns null if another process took the lease: look again. */
async function driveCancel(
  env: LaunchEnvironment & { readonly control: DriverControl },
  paths: RunPaths,
  options: Canceller,
): Promise<CommandResult | null> {
  const leased = acquireLease(env, null);
  if (!leased.ok) return null;
  try {
    const opened = openRun(env, leased.value, paths, { detach: false, waitTimeoutMs: null });
    if (!opened.ok) return resultOfFailure(COMMAND, opened.failure);
    env.control.requestCancel(options.by);
    return await carryOn(opened.value, COMMAND);
  } finally {
    leased.value.release();
  }
}

/** Claimed, but the journal has no line: nothing was started and nothing can be. */
function cancelUnopened(env: LaunchEnvironment, run: ActiveRun): CommandResult | null {
  const leased = acquireLease(env, run.runId);
  if (!leased.ok) return null;
  try {
    if (peekRun(env.root, run).kind !== 'unopened') return null;
    clearPending(env.root, run.runId);
    clearClaim(env.root, run.runId);
    return resultOfFailure(
      COMMAND,
      failureOf('run.cancelled', {
        message: `The run ${run.runId} was claimed but not started; the claim is removed.`,
      }),
      { run_id: run.runId, iteration_id: run.iterationId },
    );
  } finally {
    leased.value.release();
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under an id without a name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
