import { fail, type Failure, failureOf, ok, type Result } from '../errors/failure.ts';
import type { Guarded } from '../plan/guard.ts';
import { quotePosix } from '../platform/quoting.ts';
import { matchExperiment } from '../project/backlog.ts';
import { closedFailure } from '../project/closed.ts';
import { type GuardDocuments, readGuardDocuments } from '../project/read.ts';
import { type KeptPosition, keptPosition } from '../run/positions.ts';
import { peekRun } from '../run/session.ts';
import { approvalGone } from './approval-gone.ts';
import { findRun } from './find-run.ts';
import { activeRun, moveStage, switchExperiment } from './move-stage.ts';
import { rerunChanged } from './rerun-changed.ts';
import type { Rerunning, RunToRepeat } from './rerunning.ts';
import { type CommandResult, resultOfFailure, stageKeys, succeed } from './result.ts';

/** `autolab rerun`: the experiment of a recorded run once more, or a new one from it. */

const COMMAND = 'rerun';

export async function rerunExperiment(root: string, wish: Rerunning): Promise<CommandResult> {
  const found = recordedRun(root, wish.run);
  if (!found.ok) return resultOfFailure(COMMAND, found.failure);
  const run = found.value;
  const changes = wish.set.length > 0 || wish.id !== null;
  return changes ? rerunChanged(root, run, wish) : rerunSame(root, run, wish);
}

function recordedRun(root: string, name: string | null): Result<RunToRepeat> {
  const documents = readGuardDocuments(root);
  if (!documents.ok) return documents;
  const active = activeRun(root);
  if (active !== null) return { ok: false, failure: active };
  const run = findRun(root, name);
  if (!run.ok) return run;
  const peek = peekRun(root, run.value);
  if (peek.kind === 'corrupt')
    return peek.failure.code === 'journal.newer' ? { ok: false, failure: peek.failure } : gone(run.value.runId);
  return peek.kind === 'run' ? ok({ documents: documents.value, peek }) : gone(run.value.runId);
}

function gone(runId: string): Result<never> {
  return fail('run.not_found', {
    message: `The run ${runId} has no readable record of what it ran.`,
    hint: 'Name another run (autolab runs --all): autolab rerun RUN --by WHO',
  });
}

/** A new run of the same experiment: at `launch` if it is as it was approved, else at the review. */
async function rerunSame(root: string, { documents, peek }: RunToRepeat, wish: Rerunning): Promise<CommandResult> {
  const { iteration_id, experiment_id, run_id } = peek.view.opened;
  const at = positionNow(root, documents, { iteration_id, experiment_id });
  const parts = { iteration_id, experiment_id, ...stageKeys(documents.state, documents.state) };
  const guarded = guardRerun(documents, at);
  if ('code' in guarded) return resultOfFailure(COMMAND, guarded, parts);
  const changed = await approvalGone(root, guarded, peek.view.opened.inputs);
  const stage = changed === null ? 'launch' : 'implementation_review';
  const to = { ...at, stage, stage_attempt: AFTER_A_LAUNCH.includes(at.stage) ? 0 : at.stage_attempt };
  const moved = moveTo(root, documents, to, wish, `${wish.by} runs ${experiment_id} again, as in ${run_id}.`);
  if (moved !== null) return resultOfFailure(COMMAND, moved, parts);
  const { max_stage_attempts } = documents.state;
  const after = { ...parts, ...stageKeys(documents.state, { ...to, max_stage_attempts }) };
  const details = { from_run: run_id, design: `experiments/${iteration_id}/design.yaml`, created: [] };
  if (changed === null)
    return succeed(
      COMMAND,
      {
        message: `The experiment ${experiment_id} can run again; its approval holds.`,
        hint: 'Launch it: autolab launch',
      },
      { ...after, details },
    );
  const message = `The experiment ${experiment_id} is not as it was approved. ${changed.message}`;
  if (wish.toLaunch)
    return resultOfFailure(COMMAND, { ...changed, message, hint: APPROVE_FIRST }, { ...after, details });
  return succeed(COMMAND, { message, hint: APPROVE_FIRST }, { ...after, problems: changed.problems, details });
}

const APPROVE_FIRST = 'Approve it as it is now: autolab approve --by WHO; then: autolab launch';

/** What these stages were reached by reset the attempts. */
const AFTER_A_LAUNCH = ['extract_results', 'update_docs', 'decide_repeat', 'stop'];

type Ids = Pick<KeptPosition, 'iteration_id' | 'experiment_id'>;

function positionNow(root: string, { state }: GuardDocuments, ids: Ids): KeptPosition {
  if (state.iteration_id === ids.iteration_id)
    return {
      ...ids,
      stage: state.stage,
      stage_attempt: state.stage_attempt,
      last_run_id: state.last_run_id ?? '',
      sync_status: state.sync_status ?? '',
    };
  const none = { ...ids, stage: 'launch', stage_attempt: 0, last_run_id: '', sync_status: '' };
  return keptPosition(root, ids) ?? none;
}

/** The guards of a launch, at the place where this experiment would be launched. */
function guardRerun(documents: GuardDocuments, at: KeptPosition): Guarded | Failure {
  const { iteration_id, experiment_id, stage } = at;
  const state = { ...documents.state, ...at };
  const closed = closedFailure(documents.backlog, state);
  if (closed !== null) return closed;
  const match = matchExperiment(documents.backlog, state);
  if (match.kind === 'none')
    return failureOf('backlog.no_match', {
      message: `${match.message}.`,
      hint: `Make a new experiment from it: autolab rerun --id ID --by WHO, or add ${quotePosix(experiment_id)} to .autolab/backlog.yaml`,
    });
  if (match.kind === 'several') return failureOf('backlog.several_matches', { message: `${match.message}.` });
  if (stage === 'human_review')
    return failureOf('state.human_review', {
      message: `The attempts of ${iteration_id} are used up; a reviewer must decide.`,
    });
  return { ...documents, state, experiment: match.experiment };
}

function moveTo(
  root: string,
  { state }: GuardDocuments,
  to: KeptPosition,
  { by, note }: Rerunning,
  message: string,
): Failure | null {
  const move = {
    command: COMMAND,
    from: state,
    to,
    code: 'ok',
    message,
    by,
    ...(note === null ? {} : { note }),
  } as const;
  const isCurrent = state.iteration_id === to.iteration_id && state.experiment_id === to.experiment_id;
  return isCurrent ? moveStage(root, move) : switchExperiment(root, move);
}
