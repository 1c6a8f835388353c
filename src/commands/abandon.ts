import { closeRun } from '../engine/close.ts';
import { failureOf } from '../errors/failure.ts';
import { originalOf } from '../executors/original.ts';
import { executorOf, unrecordedRun } from '../executors/table.ts';
import { guardRun } from '../plan/guard.ts';
import { closedNow } from '../project/closed.ts';
import type { AbandonNote } from '../run/abandoned.ts';
import { findActive } from '../run/claim.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { acquireLease, type LaunchEnvironment, openRun, peekRun } from '../run/session.ts';
import { siteOf } from '../sites/site.ts';
import { abandonDamaged } from './abandon-damaged.ts';
import { endFirst } from './end-first.ts';
import { severalOpen } from './launch-refusals.ts';
import { type CommandResult, resultOfFailure } from './result.ts';
import { carryOn } from './resume.ts';
import { partsOfRun, resultOfDrive } from './run-result.ts';
import { whileOpen } from './while-open.ts';

const COMMAND = 'cancel';

/** `cancel --force`: the user abandons a run whose state is unknown. */
export async function abandonRun(env: LaunchEnvironment, options: AbandonNote): Promise<CommandResult> {
  const active = findActive(env.root);
  if (active.kind === 'none') return abandonUnrecorded(env, options);
  if (active.kind === 'several') return resultOfFailure(COMMAND, severalOpen(active.runs));
  const peek = peekRun(env.root, active.run);
  if (peek.kind === 'corrupt') {
    const { failure } = peek;
    // A journal written by a newer autolab is not damaged.
    if (failure.code === 'journal.corrupt') return abandonDamaged(env, active.run, failure, options);
    return resultOfFailure(COMMAND, failure);
  }
  const escape = guardRun(env.root, peek.paths);
  if (escape !== null) return resultOfFailure(COMMAND, escape);
  if (peek.kind === 'unopened' || peek.view.closed !== null)
    return resultOfFailure(
      COMMAND,
      failureOf('run.not_abandonable', { message: "The run's state is known.", hint: 'Use: autolab cancel' }),
    );
  const { paths, view } = peek;
  const leased = acquireLease(env, active.run.runId);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure, partsOfRun(view));
  try {
    const opened = openRun(env, leased.value, paths, { detach: false, waitTimeoutMs: null });
    if (!opened.ok) return resultOfFailure(COMMAND, opened.failure);
    return await whileOpen(COMMAND, partsOfRun(view), () => abandonOpen(opened.value, options));
  } finally {
    leased.value.release();
  }
}

async function abandonOpen(ctx: RunContext, options: AbandonNote): Promise<CommandResult> {
  const { root, paths } = ctx;
  const view = viewOf(ctx);
  // Its driver ended it before we held the lease.
  if (view.closed !== null) return carryOn(ctx, COMMAND);
  const original = originalOf(root, view);
  if (original !== null) return giveUp(ctx, options, `a copy; the run itself is unchanged, in ${original}`);
  const executor = executorOf(view.opened);
  const may = await executor.abandonable({ root, view, paths });
  if (may.kind === 'no') {
    const closed = may.hint.includes('autolab resume') ? closedNow(root, view.opened) : null;
    const hint = closed === null ? may.hint : `${closed.hint}; then: autolab resume`;
    return resultOfFailure(COMMAND, failureOf('run.not_abandonable', { message: may.message, hint }));
  }
  const first = await endFirst(may);
  if (!first.ok) return resultOfFailure(COMMAND, first.failure, partsOfRun(view));
  const fenced = await executor.fence(siteOf(root, view.opened), paths, may);
  if (fenced.kind === 'claimed')
    return resultOfFailure(COMMAND, failureOf('run.not_abandonable', { message: fenced.message }));
  const evidence = [first.value, ...(fenced.unreported === null ? [] : [fenced.unreported])].join('; ');
  return giveUp(ctx, options, evidence);
}

/** Nothing is open, but a run is alive whose record was removed: it gets a record of its end. */
async function abandonUnrecorded(env: LaunchEnvironment, options: AbandonNote): Promise<CommandResult> {
  const living = unrecordedRun(env.root);
  if (living === null) return resultOfFailure(COMMAND, failureOf('run.none_active'));
  const { runId, iterationId, failure } = living;
  return abandonDamaged(env, { runId, iterationId, claim: null }, failure, options);
}

function giveUp(ctx: RunContext, { by, note }: AbandonNote, evidence: string): CommandResult {
  ctx.journal.append('close', 'run.abandon', { by, note, evidence });
  const message = `${by} abandoned the run: ${note} (evidence: ${evidence}).`;
  const stateInstead = closeRun(ctx, { code: 'run.abandoned', message });
  return resultOfDrive(COMMAND, ctx, { kind: 'closed', stateInstead });
}
