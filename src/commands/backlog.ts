import { join } from 'node:path';
import { type Failure, failureOf } from '../errors/failure.ts';
import { writeFileIfChanged } from '../platform/files.ts';
import { now } from '../platform/time.ts';
import { isClosed, matchExperiment } from '../project/backlog.ts';
import { reopenExperiment } from '../project/backlog-edit.ts';
import { type GuardDocuments, readGuardDocuments } from '../project/read.ts';
import { patchState, type State } from '../project/state.ts';
import { BACKLOG, STATE } from '../records/paths.ts';
import { hintAtStage } from '../workflow/choices.ts';
import { moveStage } from './move-stage.ts';
import { type CommandResult, resultOfFailure, succeed } from './result.ts';
import { STAGES_AFTER_RUN } from './results/extract.ts';

/** `autolab backlog reopen`: the user reopens a closed experiment. The state's history says who and why. */

const COMMAND = 'backlog reopen';

export interface Reopening {
  readonly id: string;
  readonly by: string;
  readonly note: string;
}

export function reopenBacklog(root: string, options: Reopening): CommandResult {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return resultOfFailure(COMMAND, documents.failure);
  const { backlog, backlogText, stateText } = documents.value;
  const [found, ...others] = backlog.experiments.filter((experiment) => experiment.id === options.id);
  if (found === undefined) {
    const known = backlog.experiments.map((experiment) => experiment.id).join(', ') || 'none';
    const message = `No experiment of the backlog has the id ${JSON.stringify(options.id)} (it has: ${known}).`;
    return resultOfFailure(COMMAND, failureOf('backlog.no_match', { message }));
  }
  if (others.length > 0) {
    const message = `${others.length + 1} experiments of the backlog have the id ${JSON.stringify(options.id)}.`;
    return resultOfFailure(COMMAND, failureOf('backlog.several_matches', { message }));
  }
  const { id, status } = found;
  if (!isClosed(status))
    return resultOfFailure(
      COMMAND,
      failureOf('backlog.not_closed', {
        message: `Experiment ${id} is ${JSON.stringify(status)}, which is not closed.`,
      }),
    );
  const edited = reopenExperiment(backlogText, id);
  if (!('text' in edited)) return resultOfFailure(COMMAND, failureOf('backlog.invalid', { problems: [edited] }));
  // First who and why, then the change itself: an experiment is never open without its reason.
  const history = {
    at: now(),
    by: options.by,
    note: options.note,
    code: 'backlog.reopened',
    outcome: 'ok',
    experiment_id: id,
    status_before: status,
  };
  writeFileIfChanged(join(root, STATE), patchState(stateText, {}, history));
  const back = stoppedAt(documents.value, id);
  const failed = back === null ? null : moveBack(root, documents.value.state, back, options);
  if (failed !== null) return resultOfFailure(COMMAND, failed);
  writeFileIfChanged(join(root, BACKLOG), edited.text);
  return succeed(
    COMMAND,
    {
      message: `Experiment ${id} was ${JSON.stringify(status)} and is open again (${options.by}: ${options.note}).${back === null ? '' : ` The workflow is back at ${back}.`}`,
      hint: back === null ? 'See: autolab status' : hintAtStage(back),
    },
    { experiment_id: id },
  );
}

/** Where `decide stop` ended the work on the current experiment; null if that is another one, or another end. */
function stoppedAt({ state, backlog }: GuardDocuments, id: string): string | null {
  const match = matchExperiment(backlog, state);
  if (state.stage !== 'stop' || match.kind !== 'one' || match.experiment.id !== id) return null;
  const stop = state.history.findLast((entry) => {
    const known = entry as { command?: unknown; run_id?: unknown } | null;
    return known?.command === 'decide stop' && known.run_id === state.last_run_id;
  }) as { stage_before?: unknown } | undefined;
  return STAGES_AFTER_RUN.find((stage) => stage === stop?.stage_before) ?? null;
}

/** Before the backlog is written: killed between the two, the same call goes on. */
function moveBack(root: string, from: State, stage: string, { by, note }: Reopening): Failure | null {
  const message = `${by} reopened the experiment.`;
  const run = from.last_run_id === null ? {} : { run: from.last_run_id };
  return moveStage(root, {
    ...{ command: COMMAND, from, to: { stage, stage_attempt: 0 }, code: 'ok', message, by, note },
    ...run,
  });
}
