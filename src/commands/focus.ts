import { join } from 'node:path';
import { listed, shown } from '../documents/excerpt.ts';
import { problemIn } from '../documents/located.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Code } from '../errors/catalog.ts';
import { fail, type Failure, ok, type Result } from '../errors/failure.ts';
import { exists } from '../platform/files.ts';
import { type Backlog, BACKLOG_FILE, type Experiment } from '../project/backlog.ts';
import { closedFailure } from '../project/closed.ts';
import { checkPathId } from '../project/ids.ts';
import { designFileOf, type GuardDocuments, readGuardDocuments } from '../project/read.ts';
import type { State } from '../project/state.ts';
import { type KeptPosition, keptPosition, readPositions } from '../run/positions.ts';
import { hintAtStage } from '../workflow/choices.ts';
import { checkOutputs } from '../workflow/outputs.ts';
import { activeRun, switchExperiment } from './move-stage.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys, succeed } from './result.ts';

/** `autolab focus`: makes another experiment the current one, at the stage at which it was left. */

const COMMAND = 'focus';

export interface Focusing {
  /** An experiment of the backlog, or its iteration. */
  readonly id: string;
  readonly by?: string;
}

export function focusExperiment(root: string, { id, by }: Focusing): CommandResult {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return resultOfFailure(COMMAND, documents.failure);
  const { state, backlog } = documents.value;
  const refused = (failure: Failure): CommandResult => resultOfFailure(COMMAND, failure, partsOf(state, state));
  const active = activeRun(root);
  if (active !== null) return refused(active);
  const wanted = idsOf(root, documents.value, id);
  if (!wanted.ok) return refused(wanted.failure);
  const ids = wanted.value;
  const closed = closedFailure(backlog, ids);
  if (closed !== null) return refused(closed);
  if (ids.iteration_id === state.iteration_id && ids.experiment_id === state.experiment_id) {
    const message = `The experiment ${ids.experiment_id} is the current one already, at ${state.stage}.`;
    return succeed(COMMAND, { message, hint: hintAtStage(state.stage) }, partsOf(state, state));
  }
  const to = positionFor(root, state, ids);
  const message = `The experiment ${ids.experiment_id} is the current one now, at ${to.stage}.`;
  const failed = switchExperiment(root, {
    ...{ command: COMMAND, from: state, to, code: 'ok', message },
    ...(by === undefined ? {} : { by }),
  });
  if (failed !== null) return refused(failed);
  return succeed(COMMAND, { message, hint: hintAtStage(to.stage) }, partsOf(state, { ...state, ...to }));
}

/** Where the workflow of an experiment continues; refused if it is closed. */
export function positionToFocus(root: string, documents: GuardDocuments, id: string): Result<KeptPosition> {
  const wanted = idsOf(root, documents, id);
  if (!wanted.ok) return wanted;
  const closed = closedFailure(documents.backlog, wanted.value);
  return closed === null ? ok(positionFor(root, documents.state, wanted.value)) : { ok: false, failure: closed };
}

function positionFor(root: string, state: State, ids: Ids): KeptPosition {
  return keptPosition(root, ids) ?? fresh(root, state, ids);
}

type Ids = Pick<KeptPosition, 'iteration_id' | 'experiment_id'>;

/** The entry that is meant, and the folder of its iteration. */
function idsOf(root: string, { backlog, backlogText }: GuardDocuments, id: string): Result<Ids> {
  const found = entryOf(backlog, id);
  if (!found.ok) return found;
  const experiment = found.value;
  const iteration = experiment.iteration_id ?? iterationOf(root, experiment.id);
  const wrong = wrongIds(experiment.id, iteration);
  if (wrong === null) return ok({ iteration_id: iteration ?? '', experiment_id: experiment.id });
  const pointer = `/experiments/${backlog.experiments.indexOf(experiment)}/${wrong.key}`;
  const document = yamlDocument(backlogText, BACKLOG_FILE);
  return fail('backlog.invalid', {
    message: `The entry of the experiment ${shown(experiment.id)} cannot be used.`,
    problems: [problemIn(document, { pointer, code: wrong.code, message: `\`${wrong.key}\` ${wrong.reason}` })],
  });
}

interface WrongId {
  readonly key: 'id' | 'iteration_id';
  readonly code: Code;
  readonly reason: string;
}

/** Both go into the state, which is refused with ids that are not safe in a path. */
function wrongIds(id: string, iteration: string | null): WrongId | null {
  if (iteration === null)
    return {
      key: 'iteration_id',
      code: 'value.missing',
      reason: 'is missing; write the name of its folder under experiments/',
    };
  const ofIteration = checkPathId(iteration);
  if (ofIteration !== null) return { key: 'iteration_id', code: 'path.unsafe_id', reason: ofIteration };
  const ofEntry = checkPathId(id);
  return ofEntry === null ? null : { key: 'id', code: 'path.unsafe_id', reason: ofEntry };
}

function entryOf({ experiments }: Backlog, id: string): Result<Experiment> {
  const sameId = experiments.filter((entry) => entry.id === id);
  const matches = sameId.length > 0 ? sameId : experiments.filter((entry) => entry.iteration_id === id);
  const [first, ...others] = matches;
  if (first !== undefined && others.length === 0) return ok(first);
  const known = experiments.map((entry) => entry.id);
  if (first === undefined)
    return fail('backlog.no_match', {
      message: `The backlog has no experiment and no iteration ${shown(id)} (it has: ${known.join(', ') || 'none'}).`,
      hint: 'Add one: autolab new ID',
    });
  const message =
    sameId.length > 0
      ? `${matches.length} entries of the backlog have the id ${shown(id)}.`
      : `Several experiments share the iteration ${shown(id)}: ${listed(
          matches.map((entry) => entry.id),
          'and',
        )}.`;
  return fail(
    'backlog.several_matches',
    sameId.length > 0 ? { message } : { message, hint: 'Name one of them: autolab focus ID' },
  );
}

/** An entry may leave its iteration out: the one that it had, or a folder of its name. */
function iterationOf(root: string, experimentId: string): string | null {
  const kept = readPositions(root).find((position) => position.experiment_id === experimentId);
  if (kept !== undefined) return kept.iteration_id;
  return checkPathId(experimentId) === null && exists(join(root, 'experiments', experimentId)) ? experimentId : null;
}

/** One that was never the current one begins with the first stage that lacks something; a review is never passed over. */
function fresh(root: string, state: State, ids: Ids): KeptPosition {
  const there: State = { ...state, ...ids, last_run_id: null };
  const designed = exists(join(root, designFileOf(ids.iteration_id)));
  const stages = designed ? ['design', 'implementation'] : ['hypothesis', 'design'];
  const lacking = stages.find((stage) => checkOutputs(root, stage, there).length > 0);
  return { ...ids, stage: lacking ?? 'implementation_review', stage_attempt: 0, last_run_id: '', sync_status: '' };
}

function partsOf(
  before: State,
  after: Pick<State, 'iteration_id' | 'experiment_id' | 'stage' | 'stage_attempt' | 'max_stage_attempts'> & {
    readonly last_run_id: string | null;
  },
): ResultParts {
  return {
    iteration_id: after.iteration_id,
    experiment_id: after.experiment_id,
    run_id: after.last_run_id === '' ? null : after.last_run_id,
    ...stageKeys(before, after),
  };
}
