import { failureOf } from '../errors/failure.ts';
import { createExclusive } from '../platform/files.ts';
import { livenessOf } from '../platform/host.ts';
import { now } from '../platform/time.ts';
import { waitForChange } from '../platform/watch.ts';
import { canonicalFile } from '../records/canonical.ts';
import type { RunPaths } from '../records/paths.ts';
import { parseExit } from '../schedulers/local/parse-receipt.ts';
import { EXIT_FILE } from '../schedulers/local/receipt.ts';
import { clearClaim, findActive, type ActiveRun } from './claim.ts';
import { closeRun } from './close.ts';
import type { DriverControl } from './control.ts';
import { FRESH_MS, leaseHolder } from './lease.ts';
import { takeTombstone } from './local-supervisor.ts';
import { ownerOf, readReceipt, type OwnedRun } from './run-owner.ts';
import { describeLiving, livingProcesses } from './run-processes.ts';
import { guardRun } from './prepare/guard.ts';
import { closeToJobs, mayAbandon as mayAbandonJob, type Abandonable } from './slurm/abandon-evidence.ts';
import { resultOfFailure, type CommandResult } from './result.ts';
import { carryOn } from './resume.ts';
import { partsOfRun, resultOfClosed, resultOfDrive } from './run-result.ts';
import { acquireLease, describeHolder, openRun, peekRun, type LaunchEnvironment } from './session.ts';

/** `autolab cancel`: stop the active run, wait for its confirmed end, and record it. */

const COMMAND = 'cancel';

export interface CancelOptions {
  /** For the record: who asked. */
  readonly by: string;
}

export async function cancel(
  env: LaunchEnvironment & { readonly control: DriverControl },
  options: CancelOptions,
): Promise<CommandResult> {
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
    const holder = leaseHolder(env.root);
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
        message: `Asked the driver of ${run.runId} (process ${String(holder.record.pid)} on ${holder.record.host}) to stop it; waiting for the confirmed end.`,
      });
    }
    if (env.control.detach || env.control.cancelBy !== null)
      return resultOfFailure(
        COMMAND,
        failureOf('interrupted', { message: 'Interrupted; the request to cancel stands.' }),
      );
    await waitForChange(peek.paths.folder, 500, env.control.signal);
    const after = peekRun(env.root, run);
    // Closed, and its driver has finished the writes that follow.
    if (after.kind === 'run' && after.view.closed !== null && findActive(env.root).kind === 'none')
      return resultOfClosed(COMMAND, after.view);
  }
}

/** null: somebody else took the lease; look again. */
async function driveCancel(
  env: LaunchEnvironment & { readonly control: DriverControl },
  paths: RunPaths,
  options: CancelOptions,
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

/** Claimed, but not a line written: nothing was started and nothing can be. */
function cancelUnopened(env: LaunchEnvironment, run: ActiveRun): CommandResult | null {
  const leased = acquireLease(env, run.runId);
  if (!leased.ok) return null;
  try {
    if (peekRun(env.root, run).kind !== 'unopened') return null;
    clearClaim(env.root);
    return resultOfFailure(
      COMMAND,
      failureOf('run.cancelled', { message: `The run ${run.runId} was claimed but not begun; the claim is cleared.` }),
      { run_id: run.runId, iteration_id: run.iterationId },
    );
  } finally {
    leased.value.release();
  }
}

export interface AbandonOptions {
  readonly by: string;
  readonly note: string;
}

/** `cancel --force`: a person gives up a run of which nobody can find out how it stands. */
export async function abandon(env: LaunchEnvironment, options: AbandonOptions): Promise<CommandResult> {
  const active = findActive(env.root);
  if (active.kind !== 'one') return resultOfFailure(COMMAND, failureOf('run.none_active'));
  const peek = peekRun(env.root, active.run);
  if (peek.kind === 'corrupt') return resultOfFailure(COMMAND, peek.failure);
  const escape = guardRun(env.root, peek.paths);
  if (escape !== null) return resultOfFailure(COMMAND, escape);
  const refuse = (message: string, hint: string): CommandResult =>
    resultOfFailure(COMMAND, failureOf('run.not_abandonable', { message, hint }));
  if (peek.kind === 'unopened' || peek.view.closed !== null)
    return refuse('How the run stands is known.', 'Use: autolab cancel');
  const may =
    peek.view.opened.launch_mode === 'slurm'
      ? await mayAbandonJob(env.root, peek.paths, peek.view)
      : mayAbandonLocal({ root: env.root, ...peek });
  if (may.kind === 'no') return refuse(may.message, may.hint);
  const { evidence } = may;
  const leased = acquireLease(env, active.run.runId);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure, partsOfRun(peek.view));
  try {
    const opened = openRun(env, leased.value, peek.paths, { detach: false, waitTimeoutMs: null });
    if (!opened.ok) return resultOfFailure(COMMAND, opened.failure);
    // Where the claim is free, it is taken, so that nobody can start the run any more.
    if (peek.view.opened.launch_mode === 'slurm') closeToJobs(peek.paths);
    else takeTombstone(opened.value);
    opened.value.journal.append('close', 'run.abandon', { by: options.by, note: options.note, evidence });
    const stateInstead = closeRun(opened.value, {
      code: 'run.abandoned',
      message: `${options.by} gave the run up: ${options.note} (evidence: ${evidence}).`,
    });
    return resultOfDrive(COMMAND, opened.value, { kind: 'closed', stateInstead });
  } finally {
    leased.value.release();
  }
}

/** A run whose supervisor can be asked is not given up: it is cancelled, finished, or recorded as lost. */
function mayAbandonLocal(run: OwnedRun): Abandonable {
  const no = (message: string, hint: string): Abandonable => ({ kind: 'no', message, hint });
  const owner = ownerOf(run);
  if (owner.kind === 'nobody' || owner.kind === 'given_up')
    return no('The run was not started.', 'Use: autolab cancel');
  if (parseExit(readReceipt(run.paths, EXIT_FILE)) !== null)
    return no('The run has ended and left its receipt.', 'Finish it: autolab resume');
  if (owner.kind === 'unknown') {
    const living = describeLiving(livingProcesses(run.root, run.paths));
    if (living !== null) return no(`The run is alive: ${living.who}.`, `End it first: ${living.end}`);
    const evidence = "the run's claim does not say any more whose it is, and no process of it lives here";
    return { kind: 'yes', evidence };
  }
  const { pid, host, claimed_at: claimedAt } = owner.supervisor;
  const liveness = livenessOf(owner.supervisor);
  if (liveness === 'alive')
    return no(`The run is alive: its supervisor is process ${String(pid)} here.`, 'Use: autolab cancel');
  if (liveness === 'dead') return no('The run is known to be dead.', 'Record it: autolab resume');
  return {
    kind: 'yes',
    evidence: `supervisor ${String(pid)} on ${host}, claimed at ${claimedAt}, cannot be asked from here`,
  };
}
