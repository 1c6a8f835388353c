import { join } from 'node:path';
import { finishClose, settleFailure } from '../engine/close.ts';
import { drive } from '../engine/driver.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { guardOriginal, originalOf } from '../executors/original.ts';
import { executorOf, unrecordedRun } from '../executors/table.ts';
import { type Guarded, guardProject, guardRun } from '../plan/guard.ts';
import { digestOf } from '../platform/files.ts';
import type { RunView } from '../records/run-view.ts';
import { aboutRun, resultOfBegunRun, writeAgentResult } from '../run/agent-result.ts';
import { type ActiveRun, claimStands, findActive, noteOpened } from '../run/claim.ts';
import { type DriveOptions, type RunContext, viewOf } from '../run/context.ts';
import { placeOf } from '../run/place.ts';
import { acquireLease, type JournalPeek, type LaunchEnvironment, openRun, peekRun } from '../run/session.ts';
import { isAt, positionOf } from '../run/state-file.ts';
import { withDefaults } from './defaults.ts';
import { severalOpen } from './launch-refusals.ts';
import { type CommandResult, resultOfFailure } from './result.ts';
import { partsOfRun, resultOfClosed, resultOfDrive } from './run-result.ts';
import { whileOpen } from './while-open.ts';

/** Continues an open run, whoever began it. The journal rules; the documents are not read again. */

type RunPeek = Extract<JournalPeek, { kind: 'run' }>;

export interface ResumeSettings extends DriveOptions {
  readonly command: string;
}

/** `autolab resume`: as launch, but never begins a run. */
export async function resumeActive(
  env: LaunchEnvironment,
  given: Partial<ResumeSettings> = {},
): Promise<CommandResult | 'unopened'> {
  const options = withDefaults(given, { detach: false, waitTimeoutMs: null, command: 'resume' });
  const active = findActive(env.root);
  if (active.kind === 'none') {
    const living = unrecordedRun(env.root);
    return resultOfFailure(options.command, living?.failure ?? failureOf('run.none_active'));
  }
  if (active.kind === 'several') {
    return resultOfFailure(options.command, severalOpen(active.runs));
  }
  const peek = peekRun(env.root, active.run);
  if (peek.kind === 'corrupt') return resultOfFailure(options.command, peek.failure, { run_id: active.run.runId });
  return peek.kind === 'unopened' ? 'unopened' : resumeRun(env, active.run, options);
}

export async function resumeRun(
  env: LaunchEnvironment,
  run: ActiveRun,
  options: ResumeSettings,
): Promise<CommandResult> {
  const before = peekRun(env.root, run);
  if (before.kind !== 'run') return resultOfFailure(options.command, failureOf('journal.corrupt'));
  const refusal = refusalToResume(env.root, before);
  if (refusal !== null) return resultOfFailure(options.command, refusal, partsOfRun(before.view));
  const leased = acquireLease(env, run.runId);
  if (!leased.ok) return resultOfFailure(options.command, leased.failure, partsOfRun(before.view));
  try {
    const opened = openRun(env, leased.value, before.paths, options);
    if (!opened.ok) return resultOfFailure(options.command, opened.failure);
    return await whileOpen(options.command, partsOfRun(before.view), () => carryOn(opened.value, options.command));
  } finally {
    leased.value.release();
  }
}

/** Why the run cannot be continued; null if nothing speaks against it. Reads only. */
export function refusalToResume(root: string, { view, paths }: RunPeek): Failure | null {
  const refusal = guardRun(root, paths);
  if (refusal !== null || view.closed !== null) return refusal;
  return guardOriginal(root, view) ?? guardResume(root, view);
}

/** With the lease held: finishes an interrupted close, or continues where the journal ends. */
export async function carryOn(ctx: RunContext, command: string): Promise<CommandResult> {
  const view = viewOf(ctx);
  if (view.closed !== null) {
    // If the claim is gone, or is another run's, another driver finished the close: do not repeat its writes.
    const instead = claimStands(ctx.root, view.opened.run_id) ? finishClose(ctx) : null;
    if (instead !== null) return resultOfDrive(command, ctx, { kind: 'closed', stateInstead: instead });
    return resultOfClosed(command, viewOf(ctx));
  }
  if (view.lastFailure !== null) settleFailure(ctx, view.lastFailure);
  const refusal = ctx.control.cancelBy === null ? guardResume(ctx.root, view) : null;
  if (refusal !== null) return resultOfFailure(command, refusal, partsOfRun(view));
  noteOpened(ctx.root, view.opened.run_id);
  noteResumed(ctx, view);
  writeAgentResult(ctx.root, resultOfBegunRun(aboutRun(viewOf(ctx))));
  ctx.emit({
    type: 'run',
    run_id: view.opened.run_id,
    run_dir: ctx.paths.relative,
    resumed: true,
    mode: view.opened.launch_mode,
    on_interrupt: executorOf(view.opened).onInterrupt,
  });
  return resultOfDrive(command, ctx, await drive(ctx));
}

/** The workflow's present stage, and the inputs that changed since: evidence, not a decision. */
function noteResumed(ctx: RunContext, view: RunView): void {
  const guarded = guardProject(ctx.root);
  const position = guarded.ok ? positionOf(guarded.value.state) : view.position;
  const changed = Object.entries(view.opened.inputs)
    .filter(([path, digest]) => !path.endsWith('state.json') && digestOf(join(ctx.root, path)) !== digest)
    .map(([path]) => path);
  ctx.journal.append('claim', 'run.resumed', {
    position,
    changed_inputs: changed,
    // A copy does not become the original by finishing a run that is over.
    ...(originalOf(ctx.root, view) === null ? { place: placeOf(ctx.root, ctx.paths) } : {}),
  });
  if (changed.length > 0)
    ctx.emit({ type: 'note', message: `Changed since the launch, and ignored by this run: ${changed.join(', ')}` });
}

/** The user may have closed the experiment, or moved the workflow, during the run. Reads only. */
function guardResume(root: string, view: RunView): Failure | null {
  const guarded = guardProject(root);
  if (!guarded.ok) return guarded.failure;
  const { state } = guarded.value;
  if (state.iteration_id !== view.opened.iteration_id) {
    return failureOf('state.changed', {
      message: `The active run ${view.opened.run_id} belongs to ${view.opened.iteration_id}, but the workflow is at ${state.iteration_id}.`,
      hint: `Set iteration_id back to ${view.opened.iteration_id}, or stop the run: autolab cancel`,
    });
  }
  return stageFailure(guarded.value, view);
}

function stageFailure(guarded: Guarded, view: RunView): Failure | null {
  const { state } = guarded;
  // A failure that was counted in the journal but not yet in state.json is settled first, with the lease held.
  const unsettled =
    view.lastFailure !== null && isAt(state, view.lastFailure.before) && view.position === view.lastFailure.after;
  if (unsettled || state.stage === 'launch') return null;
  if (state.stage === 'human_review')
    return failureOf('state.human_review', {
      message: `All attempts are used up, and the run ${view.opened.run_id} is open; a reviewer must decide.`,
    });
  return failureOf('state.wrong_stage', {
    message: `The run ${view.opened.run_id} is open, but the workflow is at the stage \`${state.stage}\`, not at \`launch\`.`,
    hint: 'Set the stage back to launch, or stop the run: autolab cancel',
  });
}
