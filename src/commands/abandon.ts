import { closeRun } from '../engine/close.ts';
import { failureOf } from '../errors/failure.ts';
import { originalOf } from '../executors/original.ts';
import { executorOf } from '../executors/table.ts';
import { guardRun } from '../plan/guard.ts';
import type { AbandonNote } from '../run/abandoned.ts';
import { findActive } from '../run/claim.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { acquireLease, type LaunchEnvironment, openRun, peekRun } from '../run/session.ts';
import { siteOf } from '../sites/site.ts';
import { abandonDamaged } from './abandon-damaged.ts';
import { type CommandResult, resultOfFailure } from './result.ts';
import { carryOn } from './resume.ts';
import { partsOfRun, resultOfDrive } from './run-result.ts';

const COMMAND = 'cancel';

/** `cancel --force`: the user abandons a run whose state is unknown. */
export async function abandonRun(env: LaunchEnvironment, options: AbandonNote): Promise<CommandResult> {
  const active = findActive(env.root);
  if (active.kind !== 'one') return resultOfFailure(COMMAND, failureOf('run.none_active'));
  const peek = peekRun(env.root, active.run);
  if (peek.kind === 'corrupt') {
    const { failure } = peek;
    // A journal written by a newer autolab is not damaged.
    if (failure.code === 'journal.corrupt') return abandonDamaged(env, active.run, failure, options);
    return resultOfFailure(COMMAND, failure);
  }
  const escape = guardRun(env.root, peek.paths);
  if (escape !== null) return resultOfFailure(COMMAND, escape);
  const refuse = (message: string, hint: string): CommandResult =>
    resultOfFailure(COMMAND, failureOf('run.not_abandonable', { message, hint }));
  if (peek.kind === 'unopened' || peek.view.closed !== null)
    return refuse("The run's state is known.", 'Use: autolab cancel');
  const leased = acquireLease(env, active.run.runId);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure, partsOfRun(peek.view));
  try {
    const opened = openRun(env, leased.value, peek.paths, { detach: false, waitTimeoutMs: null });
    if (!opened.ok) return resultOfFailure(COMMAND, opened.failure);
    const { paths } = peek;
    const view = viewOf(opened.value);
    // Its driver ended it before we held the lease.
    if (view.closed !== null) return await carryOn(opened.value, COMMAND);
    const original = originalOf(env.root, view);
    if (original !== null) return giveUp(opened.value, options, `a copy; the run itself is unchanged, in ${original}`);
    const executor = executorOf(view.opened);
    const may = await executor.abandonable({ root: env.root, view, paths });
    if (may.kind === 'no') return refuse(may.message, may.hint);
    const fenced = await executor.fence(siteOf(env.root, view.opened), paths, may);
    if (fenced.kind === 'claimed')
      return resultOfFailure(COMMAND, failureOf('run.not_abandonable', { message: fenced.message }));
    const evidence = fenced.unreported === null ? may.evidence : `${may.evidence}; ${fenced.unreported}`;
    return giveUp(opened.value, options, evidence);
  } finally {
    leased.value.release();
  }
}

function giveUp(ctx: RunContext, { by, note }: AbandonNote, evidence: string): CommandResult {
  ctx.journal.append('close', 'run.abandon', { by, note, evidence });
  const message = `${by} abandoned the run: ${note} (evidence: ${evidence}).`;
  const stateInstead = closeRun(ctx, { code: 'run.abandoned', message });
  return resultOfDrive(COMMAND, ctx, { kind: 'closed', stateInstead });
}
