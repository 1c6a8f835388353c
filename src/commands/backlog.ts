import { join } from 'node:path';
import { failureOf } from '../errors/failure.ts';
import { writeFileIfChanged } from '../platform/files.ts';
import { now } from '../platform/time.ts';
import { isClosed } from '../project/backlog.ts';
import { reopenExperiment } from '../project/backlog-edit.ts';
import { readGuardDocuments } from '../project/read.ts';
import { patchState } from '../project/state.ts';
import { BACKLOG, STATE } from '../records/paths.ts';
import { type CommandResult, resultOfFailure, succeed } from './result.ts';

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
  writeFileIfChanged(join(root, BACKLOG), edited.text);
  return succeed(
    COMMAND,
    {
      message: `Experiment ${id} was ${JSON.stringify(status)} and is open again (${options.by}: ${options.note}).`,
      hint: 'See: autolab status',
    },
    { experiment_id: id },
  );
}
