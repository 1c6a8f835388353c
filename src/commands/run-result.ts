import type { DriveEnd } from '../engine/driver.ts';
import { CATALOG } from '../errors/catalog.ts';
import { failureOf } from '../errors/failure.ts';
import { sentences } from '../platform/sentence.ts';
import { projectManifest } from '../records/projection.ts';
import type { RunView } from '../records/run-view.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { outcomeOfClosed, wasCounted } from '../run/outcome.ts';
import { type CommandResult, resultOfCode, resultOfFailure, type ResultParts, stageKeys } from './result.ts';

/** How a run ended, as a command reports it. */

/** The keys about the run itself. Pure. */
export function partsOfRun(view: RunView): ResultParts {
  const manifest = projectManifest(view);
  const position = view.closed?.after ?? view.position;
  return {
    iteration_id: manifest.iteration_id,
    experiment_id: manifest.experiment_id,
    run_id: manifest.run_id,
    run_dir: `experiments/${manifest.iteration_id}/runs/${manifest.run_id}`,
    host_mode: manifest.host_mode,
    job_id: manifest.slurm?.job_id ?? manifest.job_id ?? null,
    status: manifest.status,
    artifact_sync_status: manifest.artifact_sync_to_local.status,
    ...stageKeys(view.opened.position, position),
    recommendations: manifest.recommendations,
  };
}

export function resultOfDrive(command: string, ctx: RunContext, end: DriveEnd): CommandResult {
  const view = viewOf(ctx);
  if (end.stateInstead !== null) return stateChanged(command, view, end.stateInstead);
  if (end.kind === 'closed') return resultOfClosed(command, view, ctx.control.cancelBy !== null);
  const parts = partsOfRun(view);
  const failure = view.lastFailure?.code === end.code ? view.lastFailure : null;
  const usedUp = failure !== null && parts.stage_after === 'human_review';
  return resultOfCode(command, end.code, {
    message: end.message,
    hint: end.hint ?? CATALOG[end.code].hint,
    ...parts,
    ...(failure === null ? {} : { attempt_counted: wasCounted(failure) }),
    // The guard refused after the run had been looked at: 12 is for what wrote nothing.
    ...(end.code === 'backlog.closed' ? { outcome: 'needs_retry' } : {}),
    ...(usedUp ? { outcome: 'human_review', hint: CATALOG['state.human_review'].hint } : {}),
  });
}

/** `interrupted`: the user asked this process, at its terminal, to stop the run. */
export function resultOfClosed(command: string, view: RunView, interrupted = false): CommandResult {
  const { closed } = view;
  if (closed === null) throw new Error('the run is not closed');
  const usedUp = closed.after.stage === 'human_review' && closed.before.stage !== 'human_review';
  const outcome =
    interrupted && command !== 'cancel' && closed.outcome === 'cancelled' ? 'interrupted' : outcomeOfClosed(closed);
  const hint = usedUp
    ? sentences(closed.hint, 'All attempts are used up: autolab review pass|retry|stop --by WHO --note TEXT')
    : closed.hint;
  return resultOfCode(command, closed.code, {
    message: closed.message,
    hint,
    ...partsOfRun(view),
    outcome,
    ...(closed.outcome === 'completed' ? {} : { attempt_counted: wasCounted(closed) }),
  });
}

function stateChanged(command: string, view: RunView, instead: string): CommandResult {
  const after = view.closed?.after ?? view.position;
  return resultOfFailure(
    command,
    failureOf('state.changed', {
      message: `The run ${view.opened.run_id} ended (${view.closed?.code ?? view.lastFailure?.code ?? 'open'}), but ${instead}: it was changed during the run, so autolab left it as it is.`,
      hint: `If that is still the right outcome, set by hand: stage ${after.stage}, stage_attempt ${after.stage_attempt}, last_run_id ${view.opened.run_id}.`,
    }),
    partsOfRun(view),
  );
}
