import { closeRun } from '../engine/close.ts';
import { failureOf } from '../errors/failure.ts';
import { type OwnedRun, ownerOf } from '../executors/local/run-owner.ts';
import { describeLiving, livingProcesses } from '../executors/local/run-processes.ts';
import { originalOf } from '../executors/original.ts';
import {
  type Abandonable,
  claimedBy,
  claimedMeanwhile,
  mayAbandon as mayAbandonJob,
} from '../executors/slurm/abandon-evidence.ts';
import { closeToJobs } from '../executors/slurm/fence.ts';
import { guardRun } from '../plan/guard.ts';
import { livenessOf } from '../platform/host.ts';
import type { AbandonOptions } from '../run/abandoned.ts';
import { findActive } from '../run/claim.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { readReceipt } from '../run/receipts.ts';
import { acquireLease, type LaunchEnvironment, openRun, peekRun } from '../run/session.ts';
import { takeTombstone } from '../run/tombstone.ts';
import { parseExit } from '../schedulers/local/parse-receipt.ts';
import { EXIT_FILE } from '../schedulers/receipt-files.ts';
import { siteOf } from '../sites/site.ts';
import { abandonDamaged } from './abandon-damaged.ts';
import { type CommandResult, resultOfFailure } from './result.ts';
import { carryOn } from './resume.ts';
import { partsOfRun, resultOfDrive } from './run-result.ts';

const COMMAND = 'cancel';

/** `cancel --force`: a person gives up a run of which nobody can find out how it stands. */
export async function abandon(env: LaunchEnvironment, options: AbandonOptions): Promise<CommandResult> {
  const active = findActive(env.root);
  if (active.kind !== 'one') return resultOfFailure(COMMAND, failureOf('run.none_active'));
  const peek = peekRun(env.root, active.run);
  if (peek.kind === 'corrupt') {
    const { failure } = peek;
    // A journal that a newer autolab wrote is not damaged.
    if (failure.code === 'journal.corrupt') return abandonDamaged(env, active.run, failure, options);
    return resultOfFailure(COMMAND, failure);
  }
  const escape = guardRun(env.root, peek.paths);
  if (escape !== null) return resultOfFailure(COMMAND, escape);
  const refuse = (message: string, hint: string): CommandResult =>
    resultOfFailure(COMMAND, failureOf('run.not_abandonable', { message, hint }));
  if (peek.kind === 'unopened' || peek.view.closed !== null)
    return refuse('How the run stands is known.', 'Use: autolab cancel');
  const leased = acquireLease(env, active.run.runId);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure, partsOfRun(peek.view));
  try {
    const opened = openRun(env, leased.value, peek.paths, { detach: false, waitTimeoutMs: null });
    if (!opened.ok) return resultOfFailure(COMMAND, opened.failure);
    const { paths } = peek;
    const view = viewOf(opened.value);
    // Its driver has ended it before the lease was ours.
    if (view.closed !== null) return await carryOn(opened.value, COMMAND);
    const original = originalOf(env.root, view);
    if (original !== null) return giveUp(opened.value, options, `a copy; the run itself is left alone, in ${original}`);
    const slurm = view.opened.launch_mode === 'slurm';
    const may = slurm ? await mayAbandonJob(env.root, paths, view) : mayAbandonLocal({ root: env.root, view, paths });
    if (may.kind === 'no') return refuse(may.message, may.hint);
    // Where the claim is free, it is taken, so that nobody can start the run any more.
    if (!slurm) takeTombstone(opened.value);
    const fenced = slurm ? await closeToJobs(siteOf(env.root, view.opened), paths, claimedBy(may)) : null;
    if (fenced?.kind === 'claimed') return resultOfFailure(COMMAND, claimedMeanwhile(fenced.jobId));
    const untold = fenced?.untold ?? null;
    const evidence = untold === null ? may.evidence : `${may.evidence}; ${untold}`;
    return giveUp(opened.value, options, evidence);
  } finally {
    leased.value.release();
  }
}

function giveUp(ctx: RunContext, { by, note }: AbandonOptions, evidence: string): CommandResult {
  ctx.journal.append('close', 'run.abandon', { by, note, evidence });
  const message = `${by} gave the run up: ${note} (evidence: ${evidence}).`;
  const stateInstead = closeRun(ctx, { code: 'run.abandoned', message });
  return resultOfDrive(COMMAND, ctx, { kind: 'closed', stateInstead });
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
    return no(`The run is alive: its supervisor is process ${pid} here.`, 'Use: autolab cancel');
  if (liveness === 'dead') return no('The run is known to be dead.', 'Record it: autolab resume');
  return {
    kind: 'yes',
    evidence: `supervisor ${pid} on ${host}, claimed at ${claimedAt}, cannot be asked from here`,
  };
}
