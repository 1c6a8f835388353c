import { join } from 'node:path';
import { closeRun, finishClose } from '../engine/close.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { guardOriginal } from '../executors/original.ts';
import { executorOf } from '../executors/table.ts';
import { guardRun } from '../plan/guard.ts';
import { writeFileIfChanged } from '../platform/files.ts';
import { sentences } from '../platform/sentence.ts';
import { now } from '../platform/time.ts';
import { closedFailure } from '../project/closed.ts';
import { readGuardDocuments } from '../project/read.ts';
import { patchState, type State } from '../project/state.ts';
import { AGENT_RESULT, STATE } from '../records/paths.ts';
import { syncStatusOf } from '../records/projection-sync.ts';
import type { PositionData } from '../records/run-data.ts';
import { aboutRun, type AgentResult, resultOfEnd, resultOfOpenRun, writeAgentResult } from '../run/agent-result.ts';
import { claimStands, findActive } from '../run/claim.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { acquireLease, type LaunchEnvironment, openRun, peekRun } from '../run/session.ts';
import { positionOf } from '../run/state-file.ts';
import { hintAtStage } from '../workflow/choices.ts';
import { type CommandResult, resultOfFailure, stageKeys, succeed } from './result.ts';
import { resultOfDrive } from './run-result.ts';

/** `autolab review`: the reviewer's decision when all attempts are used up. Only a reviewer leaves `human_review`. */

const COMMAND = 'review';

export type Decision = 'pass' | 'retry' | 'stop';

export interface ReviewDecision {
  readonly decision: Decision;
  readonly by: string;
  readonly note: string;
}

export function decideReview(env: LaunchEnvironment, options: ReviewDecision): CommandResult {
  const documents = readGuardDocuments(env.root);
  if (!documents.ok) return resultOfFailure(COMMAND, documents.failure);
  const { state, stateText } = documents.value;
  const before = positionOf(state);
  if (state.stage !== 'human_review') {
    return resultOfFailure(
      COMMAND,
      failureOf('state.not_in_review', {
        message: `The workflow is at the stage ${state.stage}, not at human_review.`,
      }),
      partsOf(state, before),
    );
  }
  const closed = options.decision === 'stop' ? null : closedFailure(documents.value.backlog, state);
  if (closed !== null) return resultOfFailure(COMMAND, closed, partsOf(state, before));
  const after = afterOf(options.decision, before);
  const active = findActive(env.root);
  if (options.decision === 'pass' && syncOf(env.root, state) !== 'ok')
    return resultOfFailure(
      COMMAND,
      notPassable(state, active.kind === 'one' ? active.run.runId : null),
      partsOf(state, before),
    );
  if (active.kind === 'one' && options.decision !== 'retry') return closeActive(env, options, after);
  const history = {
    at: now(),
    by: options.by,
    note: options.note,
    code: `review.${options.decision}`,
    outcome: options.decision,
    run_id: state.last_run_id,
    stage_before: before.stage,
    stage_after: after.stage,
    stage_attempt: after.stage_attempt,
    attempt_counted: null,
  };
  writeFileIfChanged(
    join(env.root, STATE),
    patchState(stateText, { stage: after.stage, stage_attempt: after.stage_attempt }, history),
  );
  const words = {
    message: `${options.by} decided: ${options.decision}. The workflow continues at ${after.stage}.`,
    hint: nextHint(after.stage),
  };
  writeAgentResult(env.root, resultOfDecision(env.root, state, after, words));
  return succeed(COMMAND, words, partsOf(state, after));
}

/** The run may be open still: `retry` continues it. */
function resultOfDecision(
  root: string,
  state: State,
  after: PositionData,
  { message, hint }: { readonly message: string; readonly hint: string },
): AgentResult {
  const active = findActive(root);
  const peek = active.kind === 'one' ? peekRun(root, active.run) : null;
  if (peek?.kind === 'run' && peek.view.closed === null)
    return resultOfOpenRun(
      { ...aboutRun(peek.view), position: after },
      { code: peek.view.lastFailure?.code ?? 'run.undetermined', message, hint },
    );
  const about = {
    runId: state.last_run_id,
    iterationId: state.iteration_id,
    experimentId: state.experiment_id,
    changedFiles: [AGENT_RESULT, STATE],
  };
  return resultOfEnd(about, {
    code: after.stage === 'extract_results' ? 'run.accepted' : 'ok',
    summary: sentences(message, hint),
    after,
    counted: null,
    recommendations: [],
  });
}

/** What the reviewer can do instead: a closed run does not improve, an open one can be continued. */
function notPassable(state: State, open: string | null): Failure {
  const run = open ?? state.last_run_id;
  const decide = (decision: Decision): string => `autolab review ${decision} --by WHO --note TEXT`;
  return failureOf('sync.not_ok', {
    message: `The artifacts of ${run === null ? 'the last run' : `the run ${run}`} are missing here or not verified, so it cannot pass.`,
    hint:
      open === null
        ? `For a new run: ${decide('retry')}, then autolab launch. To end here: ${decide('stop')}`
        : `To continue this run: ${decide('retry')}, then autolab launch. To abandon it and end here: ${decide('stop')}`,
  });
}

function afterOf(decision: Decision, before: PositionData): PositionData {
  const stage = decision === 'pass' ? 'extract_results' : decision === 'retry' ? 'launch' : 'stop';
  return { ...before, stage, stage_attempt: 0 };
}

/** `ok`, `completed` and `success` let a run pass: older states say it in these words. */
function syncOf(root: string, state: State): string {
  const active = findActive(root);
  if (active.kind === 'one') {
    const peek = peekRun(root, active.run);
    if (peek.kind === 'run') return syncStatusOf(peek.view);
  }
  return ['ok', 'completed', 'success'].includes(state.sync_status ?? '') ? 'ok' : 'failed';
}

/** A run that is still open is closed with the decision: its journal says who made it. */
function closeActive(env: LaunchEnvironment, options: ReviewDecision, after: PositionData): CommandResult {
  const active = findActive(env.root);
  if (active.kind !== 'one') return resultOfFailure(COMMAND, failureOf('run.other_active'));
  const peek = peekRun(env.root, active.run);
  if (peek.kind !== 'run')
    return resultOfFailure(COMMAND, peek.kind === 'corrupt' ? peek.failure : failureOf('run.none_active'));
  const escape = guardRun(env.root, peek.paths);
  if (escape !== null) return resultOfFailure(COMMAND, escape);
  const leased = acquireLease(env, active.run.runId);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure);
  try {
    const opened = openRun(env, leased.value, peek.paths, { detach: false, waitTimeoutMs: null });
    if (!opened.ok) return resultOfFailure(COMMAND, opened.failure);
    const ctx = opened.value;
    const view = viewOf(ctx);
    if (view.closed !== null) return carryOnClosed(ctx);
    const copied = guardOriginal(env.root, view);
    if (copied !== null) return resultOfFailure(COMMAND, copied);
    if (executorOf(view.opened).mayBeAlive(view))
      return resultOfFailure(
        COMMAND,
        failureOf('run.not_abandonable', {
          message: `How the run ${view.opened.run_id} ended is unknown: it may be alive.`,
          hint: 'Stop it first: autolab cancel',
        }),
      );
    const position = positionOf((readGuardDocuments(env.root) as { value: { state: State } }).value.state);
    ctx.journal.append('close', 'run.resumed', { position, changed_inputs: [] });
    ctx.journal.append('close', 'review.decided', { decision: options.decision, by: options.by, note: options.note });
    const code = options.decision === 'pass' ? 'run.accepted' : 'run.abandoned';
    const stateInstead = closeRun(ctx, {
      code,
      message: `${options.by} decided: ${options.decision} (${options.note}).`,
      after,
      hint: nextHint(after.stage),
    });
    const result = resultOfDrive(COMMAND, ctx, { kind: 'closed', stateInstead });
    return stateInstead === null ? { ...result, outcome: 'ok' } : result;
  } finally {
    leased.value.release();
  }
}

/** Another process closed it after we looked. */
function carryOnClosed(ctx: RunContext): CommandResult {
  const { opened } = viewOf(ctx);
  if (claimStands(ctx.root, opened.run_id)) finishClose(ctx);
  return resultOfFailure(
    COMMAND,
    failureOf('state.not_in_review', { message: `The run ${opened.run_id} has just been closed.` }),
  );
}

function nextHint(stage: string): string {
  return stage === 'launch' ? 'Launch again: autolab launch' : hintAtStage(stage);
}

function partsOf(state: State, after: PositionData): Parameters<typeof resultOfFailure>[2] {
  return {
    iteration_id: state.iteration_id,
    experiment_id: state.experiment_id,
    ...stageKeys(state, after),
    artifact_sync_status: state.sync_status,
  };
}
