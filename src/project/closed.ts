import { type Failure, failureOf } from '../errors/failure.ts';
import { quotePosix } from '../platform/quoting.ts';
import { type Backlog, type ExperimentIds, experimentsOf, isClosed } from './backlog.ts';
import { readGuardDocuments } from './read.ts';

/** A closed experiment is not edited until a person opens it again (R2). */

export interface ClosedExperiment extends Failure {
  /** Opens it again; what a person fills in is in capitals. */
  readonly command: string;
}

/**
 * A closed experiment has the iteration: its entry is the one that the state names, or another one that shares the
 * folder. Null if there is none.
 */
export function closedFailure(backlog: Backlog, ids: ExperimentIds): ClosedExperiment | null {
  const closed = experimentsOf(backlog, ids).find(({ status }) => isClosed(status));
  if (closed === undefined) return null;
  const { id, status } = closed;
  const shared =
    id === ids.experiment_id || ids.experiment_id === '' ? '' : `, and shares the iteration ${ids.iteration_id}`;
  const command = `autolab backlog reopen ${quotePosix(id)} --by WHO --note TEXT`;
  const failure = failureOf('backlog.closed', {
    message: `Experiment ${id} is ${JSON.stringify(status)} in the backlog${shared}; closed experiments are not run again.`,
    hint: `To open it again: ${command}`,
  });
  return { ...failure, command };
}

/** Of the project as it is at this moment; null also if its documents cannot be read. */
export function closedNow(root: string, ids: ExperimentIds): ClosedExperiment | null {
  const documents = readGuardDocuments(root);
  return documents.ok ? closedFailure(documents.value.backlog, ids) : null;
}
