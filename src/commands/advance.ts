import { type Failure, failureOf } from '../errors/failure.ts';
import { closedFailure } from '../project/closed.ts';
import { readGuardDocuments } from '../project/read.ts';
import type { State } from '../project/state.ts';
import { leftAgent } from '../run/session.ts';
import { positionOf } from '../run/state-file.ts';
import { hintAtStage, unknownStage } from '../workflow/choices.ts';
import { checkOutputs } from '../workflow/outputs.ts';
import { type StageRow, stageRow } from '../workflow/stages.ts';
import { activeRun, moveStage } from './move-stage.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys, succeed } from './result.ts';

/** `autolab advance`: checks what the current stage must leave, and moves on. Reviewers decide, and the launch moves itself. */

const COMMAND = 'advance';

export function advanceStage(root: string, options: { readonly by?: string } = {}): CommandResult {
  const left = leftAgent(root);
  if (left !== null) return resultOfFailure(COMMAND, left.failure);
  const documents = readGuardDocuments(root);
  if (!documents.ok) return resultOfFailure(COMMAND, documents.failure);
  const { state, backlog } = documents.value;
  const before = positionOf(state);
  const refused = (failure: Failure): CommandResult => resultOfFailure(COMMAND, failure, partsAt(state, before));
  const row = stageRow(state.stage);
  const against = activeRun(root) ?? closedFailure(backlog, state) ?? notHere(state, row);
  if (against !== null) return refused(against);
  const problems = checkOutputs(root, state.stage, state);
  if (problems.length > 0) return refused(incomplete(state, problems));
  const stage = row?.leads[0] ?? state.stage;
  const after = { ...before, stage, stage_attempt: 0 };
  const message = `The stage ${state.stage} is done; the workflow continues at ${stage}.`;
  const failed = moveStage(root, { command: COMMAND, from: state, to: after, code: 'ok', message, ...options });
  if (failed !== null) return refused(failed);
  return succeed(COMMAND, { message, hint: hintAtStage(stage) }, partsAt(state, after));
}

function incomplete(state: State, problems: Failure['problems']): Failure {
  const { stage } = state;
  const does =
    stageRow(stage)?.who === 'author'
      ? `See what it must leave: autolab render --stage ${stage} --stdout`
      : hintAtStage(stage);
  return failureOf('stage.incomplete', {
    message: `The stage ${stage} is not done: ${problems.length === 1 ? 'a problem is' : `${problems.length} problems are`} listed.`,
    hint: `${does}; then: autolab advance`,
    problems,
  });
}

/** Why another command moves the workflow from here. */
function notHere(
  { stage, stage_attempt: used, max_stage_attempts: most }: State,
  row: StageRow | null,
): Failure | null {
  if (row === null)
    return failureOf('state.wrong_stage', {
      message: `autolab does not know the stage \`${stage}\`.`,
      hint: unknownStage(stage),
    });
  if (stage === 'human_review')
    return failureOf('state.human_review', {
      message: `The workflow waits for the operator's decision (${used} of ${most} attempts are used).`,
    });
  if (stage === 'stop')
    return failureOf('stage.other_command', {
      message: 'The workflow of this experiment has ended.',
      hint: hintAtStage(stage),
    });
  if (stage === 'launch')
    return failureOf('stage.other_command', {
      message: 'The launch moves the workflow itself.',
      hint: hintAtStage(stage),
    });
  if (row.who !== 'reviewer') return null;
  return failureOf('stage.other_command', { message: `${stage} is a reviewer's stage.`, hint: hintAtStage(stage) });
}

function partsAt(state: State, after: ReturnType<typeof positionOf>): ResultParts {
  return {
    iteration_id: state.iteration_id,
    experiment_id: state.experiment_id,
    run_id: state.last_run_id,
    ...stageKeys(state, after),
  };
}
