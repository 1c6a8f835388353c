import { type Failure, failureOf } from '../errors/failure.ts';
import { quotePosix } from '../platform/quoting.ts';
import { type Backlog, type ExperimentIds, experimentsOf, isClosed } from './backlog.ts';
import { readGuardDocuments } from './read.ts';

/** A closed experiment is not edited until a person opens it again (R2). */

/**
 * A closed experiment has the iteration: its entry is the one that the state names, or another one that shares the
 * folder. Null if there is none.
 */
export function closedFailure(backlog: Backlog, ids: ExperimentIds): Failure | null {
  const closed = experimentsOf(backlog, ids).find(({ status }) => isClosed(status));
  if (closed === undefined) return null;
  const { id, status } = closed;
  const shared =
    id === ids.experiment_id || ids.experiment_id === '' ? '' : `, and shares the iteration ${ids.iteration_id}`;
  return failureOf('backlog.closed', {
    message: `Experiment ${id} is ${JSON.stringify(status)} in the backlog${shared}; closed experiments are not run again.`,
    hint: `To open it again: autolab backlog reopen ${quotePosix(id)} --by WHO --note TEXT`,
  });
}

/** Of the project as it is at this moment; null also if its documents cannot be read. */
export function closedNow(root: string, ids: ExperimentIds): Failure | null {
  const documents = readGuardDocuments(root);
  return documents.ok ? closedFailure(documents.value.backlog, ids) : null;
}
