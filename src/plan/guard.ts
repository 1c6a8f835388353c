import { join } from 'node:path';
import { fail, type Failure, failureOf, ok, type Result } from '../errors/failure.ts';
import { exists, leadsOutside, listNames } from '../platform/files.ts';
import { quotePosix } from '../platform/quoting.ts';
import { sentences } from '../platform/sentence.ts';
import { type Experiment, matchExperiment } from '../project/backlog.ts';
import { closedFailure } from '../project/closed.ts';
import { checkPathId } from '../project/ids.ts';
import { type GuardDocuments, readGuardDocuments } from '../project/read.ts';
import {
  activationScript,
  AGENT_RESULT,
  CLAIM,
  DIGEST_CACHE,
  LEDGER,
  localScript,
  PROMPT_CONTEXT,
  PROMPT_RENDERED,
  type RunPaths,
  slurmScript,
  STATE,
} from '../records/paths.ts';
import { SNAPSHOTS } from '../records/snapshot-place.ts';
import { hintAtStage } from '../workflow/choices.ts';

/** The guards: they come before any write, and what they refuse leaves no trace. */

export interface Guarded extends GuardDocuments {
  readonly experiment: Experiment;
}

/** State and backlog readable, ids safe, one entry for the iteration, not closed. The stage is not checked. */
export function guardProject(root: string): Result<Guarded> {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return documents;
  const { state, backlog } = documents.value;
  for (const [name, id] of [
    ['iteration_id', state.iteration_id],
    ['experiment_id', state.experiment_id],
  ] as const) {
    const reason = id === '' ? null : checkPathId(id);
    if (reason !== null)
      return fail('path.unsafe_id', {
        message: `${name} ${JSON.stringify(id)} in ${STATE} cannot be used in a path: ${reason}.`,
      });
  }
  if (state.iteration_id === '')
    return fail('path.unsafe_id', {
      message: `iteration_id in ${STATE} is empty.`,
      hint: 'Set it to the folder name under experiments/.',
    });
  const match = matchExperiment(backlog, state);
  if (match.kind === 'none') return fail('backlog.no_match', { message: match.message });
  if (match.kind === 'several') return fail('backlog.several_matches', { message: match.message });
  const { experiment } = match;
  const closed = closedFailure(backlog, state);
  if (closed !== null) return { ok: false, failure: closed };
  const elsewhere = iterationElsewhere(root, state.iteration_id, experiment.type);
  if (elsewhere !== null) return { ok: false, failure: elsewhere };
  return guardPaths(root, state.iteration_id, { ...documents.value, experiment });
}

/** Some workflows keep an iteration in `experiments/<type>/<iteration_id>/`, and move it as it proceeds. */
const TYPES = ['plan', 'in_progress', 'done'];

function iterationElsewhere(root: string, iterationId: string, ofBacklog: string | null): Failure | null {
  if (exists(join(root, 'experiments', iterationId))) return null;
  const named = ofBacklog === null || checkPathId(ofBacklog) !== null ? TYPES : [ofBacklog, ...TYPES];
  const type =
    named.find((name) => exists(join(root, 'experiments', name, iterationId))) ?? onlyFolderWith(root, iterationId);
  if (type === null) return null;
  return failureOf('iteration.elsewhere', {
    message: `There is no experiments/${iterationId}; the iteration is in experiments/${type}/${iterationId}.`,
    hint: `Link it: ln -sfn ${quotePosix(`${type}/${iterationId}`)} ${quotePosix(`experiments/${iterationId}`)}`,
  });
}

/** The one folder under `experiments/` that has a design of the iteration; null if none has, or several have. */
function onlyFolderWith(root: string, iterationId: string): string | null {
  const experiments = join(root, 'experiments');
  const names = exists(experiments) ? listNames(experiments) : [];
  const [first = null, ...others] = names.filter((name) => exists(join(experiments, name, iterationId, 'design.yaml')));
  return others.length === 0 ? first : null;
}

/** Every place that the launcher writes lies inside the project, symbolic links resolved. */
function guardPaths(root: string, iterationId: string, guarded: Guarded): Result<Guarded> {
  const places = [
    CLAIM,
    STATE,
    AGENT_RESULT,
    PROMPT_RENDERED,
    PROMPT_CONTEXT,
    LEDGER,
    localScript(iterationId),
    slurmScript(iterationId),
    activationScript(iterationId),
    '.autolab/tmp',
    SNAPSHOTS,
    `${SNAPSHOTS}/runs`,
    `${SNAPSHOTS}/store`,
    DIGEST_CACHE,
    `experiments/${iterationId}/runs`,
  ];
  for (const place of places) {
    const failure = guardPlace(root, place);
    if (failure !== null) return { ok: false, failure };
  }
  return ok(guarded);
}

/** A link at the place, or above it, that leads out of the project or nowhere; null if there is none. */
export function guardPlace(root: string, place: string): Failure | null {
  const link = leadsOutside(root, join(root, place));
  if (link === null) return null;
  const shown = link.startsWith(root) ? link.slice(root.length + 1) : link;
  return failureOf('path.escapes', {
    message: `${shown} is a symbolic link that leads out of the project, and ${place} would be written through it.`,
  });
}

/** What a driver opens in the folder of a run that is there already: a link may have been put in its place since. */
const OPENED_IN_RUN = ['', '/logs', '/logs/driver.log', '/logs/supervisor.log', '/receipt', '/journal.jsonl'];

/** As above, for a run that is to be continued. */
export function guardRun(root: string, paths: Pick<RunPaths, 'relative'>): Failure | null {
  for (const place of OPENED_IN_RUN) {
    const failure = guardPlace(root, `${paths.relative}${place}`);
    if (failure !== null) return failure;
  }
  return null;
}

/** The workflow is at the stage `launch`. */
export function guardStage(guarded: Guarded): Result<Guarded> {
  const { state } = guarded;
  if (state.stage === 'launch') return ok(guarded);
  if (state.stage === 'human_review') {
    return fail('state.human_review', {
      message: `${state.stage_attempt} of ${state.max_stage_attempts} attempts are used up; a reviewer must decide.`,
    });
  }
  const last = state.last_run_id === null ? '' : ` The last run was ${state.last_run_id}.`;
  return fail('state.wrong_stage', {
    message: `The workflow is at the stage \`${state.stage}\`, not at \`launch\`.${last}`,
    hint: hintAt(state.stage),
  });
}

const AFTER_A_LAUNCH = ['extract_results', 'update_docs', 'decide_repeat', 'stop'];
const AGAIN = 'To run again: autolab rerun --by WHO';

function hintAt(stage: string): string {
  if (!AFTER_A_LAUNCH.includes(stage)) return hintAtStage(stage);
  return stage === 'stop'
    ? sentences('The workflow has ended', AGAIN)
    : sentences('The launch is done', hintAtStage(stage), AGAIN);
}
