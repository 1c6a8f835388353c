import { userInfo } from 'node:os';
import { ranToItsEnd } from '../engine/driver.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { guardOriginal } from '../executors/original.ts';
import { executorOf, unrecordedRun } from '../executors/table.ts';
import { guardRun } from '../plan/guard.ts';
import { createExclusive } from '../platform/files.ts';
import { sentences } from '../platform/sentence.ts';
import { now } from '../platform/time.ts';
import { waitForChange } from '../platform/watch.ts';
import { closedNow } from '../project/closed.ts';
import { canonicalFile } from '../records/canonical.ts';
import { AGENT_RESULT, type RunPaths, STATE } from '../records/paths.ts';
import { type AgentResult, resultOfEnd, writeAgentResult } from '../run/agent-result.ts';
import { type ActiveRun, claimIsDamaged, clearClaim, findActive } from '../run/claim.ts';
import { viewOf } from '../run/context.ts';
import type { DriverControl } from '../run/control.ts';
import { FRESH_MS, judgedHolder, type LeaseHolder } from '../run/lease.ts';
import { lightPosition } from '../run/light-state.ts';
import {
  acquireLease,
  describeHolder,
  type JournalPeek,
  type LaunchEnvironment,
  openRun,
  peekRun,
} from '../run/session.ts';
import { clearPending } from '../run/state-file.ts';
import { damagedClaim, severalOpen } from './launch-refusals.ts';
import { type CommandResult, resultOfFailure } from './result.ts';
import { carryOn } from './resume.ts';
import { partsOfRun, resultOfClosed } from './run-result.ts';
import { whileOpen } from './while-open.ts';

/** `autolab cancel`: stop the active run, wait for its confirmed end, and record it. */

const COMMAND = 'cancel';

interface Canceller {
  /** Who asked, for the record. */
  readonly by: string;
}

type CancelEnvironment = LaunchEnvironment & { readonly control: DriverControl };

export async function cancelRun(env: CancelEnvironment, given: Partial<Canceller> = {}): Promise<CommandResult> {
  const options: Canceller = { by: given.by ?? userName() };
  const active = findActive(env.root);
  if (active.kind === 'none') return resultOfFailure(COMMAND, noRunToCancel(env.root));
  if (active.kind === 'several') return resultOfFailure(COMMAND, severalOpen(active.runs));
  return cancelOne(env, active.run, options);
}

/** Nothing is open: a run may be alive all the same, or a damaged claim keeps others from beginning. */
export function noRunToCancel(root: string): Failure {
  return unrecordedRun(root)?.failure ?? (claimIsDamaged(root) ? damagedClaim() : failureOf('run.none_active'));
}

async function cancelOne(env: CancelEnvironment, run: ActiveRun, options: Canceller): Promise<CommandResult> {
  for (let asked = false; ;) {
    const peek = peekRun(env.root, run);
    if (peek.kind === 'corrupt') return resultOfFailure(COMMAND, peek.failure);
    const refused = refusalOf(env.root, run, peek);
    if (refused !== null) return refused;
    const move = nextMove(peek, judgedHolder(env.root), asked);
    if (move.kind === 'refuse') return resultOfFailure(COMMAND, describeHolder(move.holder, run.runId));
    const ended = move.kind === 'drive' ? endedAndClosed(env.root, peek) : null;
    if (ended !== null) return ended;
    if (move.kind === 'drive' || move.kind === 'clear_claim') {
      const done = move.kind === 'drive' ? await driveCancel(env, peek, options) : clearUnopenedClaim(env, run);
      if (done !== null) return done;
      continue;
    }
    if (move.kind === 'ask') askDriver(env, run, { paths: peek.paths, ...options, holder: move.holder });
    asked ||= move.kind === 'ask';
    const end = await waitForDriver(env, run, peek.paths);
    if (end !== null) return end;
  }
}

type OpenPeek = Exclude<JournalPeek, { kind: 'corrupt' }>;

/** Why this call must not touch the run; null if it may. */
function refusalOf(root: string, run: ActiveRun, peek: OpenPeek): CommandResult | null {
  const escape = guardRun(root, peek.paths);
  if (escape !== null) return resultOfFailure(COMMAND, escape);
  const copied = peek.kind === 'run' && peek.view.closed === null ? guardOriginal(root, peek.view) : null;
  return copied === null ? null : resultOfFailure(COMMAND, copied, { run_id: run.runId });
}

/** The run has ended, and its experiment was closed meanwhile: there is nothing to stop, and nothing is edited. */
function endedAndClosed(root: string, peek: OpenPeek): CommandResult | null {
  if (peek.kind === 'unopened' || peek.view.closed !== null) return null;
  const { view, paths } = peek;
  const { opened } = view;
  if (!executorOf(opened).hasEndReceipt(paths) && !ranToItsEnd(view)) return null;
  const closed = closedNow(root, opened);
  if (closed === null) return null;
  const message = `The run ${opened.run_id} has ended: there is nothing to cancel. ${closed.message}`;
  const hint = `${closed.hint}; then finish the run: autolab resume`;
  return resultOfFailure(COMMAND, { ...closed, message, hint }, partsOfRun(view));
}

type Move =
  | { readonly kind: 'drive' | 'clear_claim' | 'wait' }
  /** `refuse`: it is unknown whether that driver is alive. */
  | { readonly kind: 'ask' | 'refuse'; readonly holder: LeaseHolder };

/** What cancel does next: it drives the run itself unless a driver holds it, which it asks once. Pure. */
function nextMove(peek: OpenPeek, holder: LeaseHolder | null, asked: boolean): Move {
  if (holder === null || holder.liveness === 'dead')
    return { kind: peek.kind === 'unopened' ? 'clear_claim' : 'drive' };
  if (holder.liveness === 'unknown' && (holder.heartbeatAgeMs ?? Infinity) > FRESH_MS)
    return { kind: 'refuse', holder };
  return peek.kind === 'run' && peek.view.closed === null && !asked ? { kind: 'ask', holder } : { kind: 'wait' };
}

function askDriver(
  env: LaunchEnvironment,
  run: ActiveRun,
  { paths, by, holder }: Canceller & { readonly paths: RunPaths; readonly holder: LeaseHolder },
): void {
  createExclusive(paths.cancel, canonicalFile({ by, at: now() }));
  env.emit({
    type: 'note',
    message: `Asked the driver of ${run.runId} (process ${holder.record.pid} on ${holder.record.host}) to stop it; waiting for the confirmed end.`,
  });
}

/** Returns the result if the run is closed, or the user does not want to wait for it; null to look again. */
async function waitForDriver(env: CancelEnvironment, run: ActiveRun, paths: RunPaths): Promise<CommandResult | null> {
  if (env.control.detach || env.control.cancelBy !== null)
    return resultOfFailure(
      COMMAND,
      failureOf('interrupted', { message: 'Interrupted; the request to cancel remains.' }),
    );
  await waitForChange(paths.folder, 500, env.control.signal);
  const after = peekRun(env.root, run);
  // Closed, and its driver has finished the writes that follow.
  const isOver = after.kind === 'run' && after.view.closed !== null && !isActive(env.root, run);
  return isOver ? resultOfClosed(COMMAND, after.view) : null;
}

/** And no other run has begun meanwhile: waiting for this one would never end. */
function isActive(root: string, run: ActiveRun): boolean {
  const active = findActive(root);
  return active.kind !== 'none' && (active.kind === 'several' || active.run.runId === run.runId);
}

/** Returns null if another process took the lease: look again. */
async function driveCancel(
  env: CancelEnvironment,
  { paths }: OpenPeek,
  options: Canceller,
): Promise<CommandResult | null> {
  const leased = acquireLease(env, null);
  if (!leased.ok) return null;
  try {
    const opened = openRun(env, leased.value, paths, { detach: false, waitTimeoutMs: null });
    if (!opened.ok) return resultOfFailure(COMMAND, opened.failure);
    env.control.requestCancel(options.by);
    return await whileOpen(COMMAND, partsOfRun(viewOf(opened.value)), () => carryOn(opened.value, COMMAND));
  } finally {
    leased.value.release();
  }
}

/** Claimed, but the journal has no line: nothing was started and nothing can be. */
function clearUnopenedClaim(env: LaunchEnvironment, run: ActiveRun): CommandResult | null {
  const leased = acquireLease(env, run.runId);
  if (!leased.ok) return null;
  try {
    if (peekRun(env.root, run).kind !== 'unopened') return null;
    const failure = failureOf('run.cancelled', {
      message: `The run ${run.runId} was claimed but not started; the claim is removed.`,
    });
    clearPending(env.root, run.runId);
    writeAgentResult(env.root, resultOfUnopened(env.root, run, failure));
    clearClaim(env.root, run.runId);
    return resultOfFailure(COMMAND, failure, { run_id: run.runId, iteration_id: run.iterationId });
  } finally {
    leased.value.release();
  }
}

function resultOfUnopened(root: string, run: ActiveRun, { code, message, hint }: Failure): AgentResult {
  const about = {
    runId: run.runId,
    iterationId: run.iterationId,
    experimentId: run.claim?.experiment_id ?? null,
    changedFiles: [AGENT_RESULT, STATE],
  };
  const after = lightPosition(root);
  return resultOfEnd(about, { code, summary: sentences(message, hint), after, counted: false, recommendations: [] });
}

export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under an id without a name.
    return `uid ${process.getuid?.() ?? '?'}`;
  }
}
