import type { Code } from '../errors/catalog.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { guardPlace } from '../plan/guard.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { now } from '../platform/time.ts';
import type { State } from '../project/state.ts';
import { AGENT_RESULT, POSITIONS, STATE } from '../records/paths.ts';
import type { PositionData } from '../records/run-data.ts';
import { type AgentResult, resultOfStage, writeAgentResult } from '../run/agent-result.ts';
import { findActive } from '../run/claim.ts';
import { DriverControl } from '../run/control.ts';
import { consequenceOf } from '../run/outcome.ts';
import { damagedPositions, keepPosition, type KeptPosition } from '../run/positions.ts';
import { acquireLease } from '../run/session.ts';
import { changeState, positionOf } from '../run/state-file.ts';

/** How every verb but the launch moves the workflow: under the lease, while no run is active, by compare and set. */

export interface StageMove {
  /** The command line's name of the verb. */
  readonly command: string;
  /** The state that the verb read, and decided by. */
  readonly from: State;
  readonly to: Pick<PositionData, 'stage' | 'stage_attempt'>;
  /** Why; goes into the history and into agent_result.json. */
  readonly code: Code;
  readonly message: string;
  readonly by?: string;
  readonly note?: string;
  /** The run that it is about, for the history. */
  readonly run?: string;
  /** Whether a failure cost an attempt; null if it is none. Default: null. */
  readonly counted?: boolean | null;
  /** More keys of state.json to set. */
  readonly patch?: Readonly<Record<string, unknown>>;
  /** Writes that belong to the move; done under the lease, before state.json. Harmless to repeat. */
  readonly first?: () => Failure | null;
}

/** Returns null if the workflow is where it should be. */
export function moveStage(root: string, move: StageMove): Failure | null {
  return underLease(root, move, () => {
    const failed = move.first?.() ?? null;
    if (failed !== null) return failed;
    crashPoint('move.written');
    return change(root, move, move.patch ?? {});
  });
}

/** The workflow of another experiment: where it stands, and what the state says of its runs. */
export type SwitchMove = Omit<StageMove, 'to' | 'patch'> & { readonly to: KeptPosition };

/** Keeps where the current experiment stands, and points the state at another one. */
export function switchExperiment(root: string, move: SwitchMove): Failure | null {
  const { to, from } = move;
  const { iteration_id, experiment_id, last_run_id, sync_status } = to;
  const damaged = damagedPositions(root);
  if (damaged !== null) return damaged;
  return underLease(root, move, () => {
    // It may have changed before the lease was ours.
    const failed = damagedPositions(root) ?? move.first?.() ?? null;
    if (failed !== null) return failed;
    crashPoint('move.written');
    if (from.iteration_id !== iteration_id || from.experiment_id !== experiment_id)
      keepPosition(root, {
        iteration_id: from.iteration_id,
        experiment_id: from.experiment_id,
        stage: from.stage,
        stage_attempt: from.stage_attempt,
        last_run_id: from.last_run_id ?? '',
        sync_status: from.sync_status ?? '',
      });
    crashPoint('move.position_kept');
    return change(root, move, { iteration_id, experiment_id, last_run_id, sync_status, pending_run_id: '' });
  });
}

/** Does the work unless a run is active or another driver holds the lease. */
export function underLease(
  root: string,
  { command }: Pick<StageMove, 'command'>,
  work: () => Failure | null,
): Failure | null {
  for (const place of [STATE, AGENT_RESULT, POSITIONS]) {
    const escape = guardPlace(root, place);
    if (escape !== null) return escape;
  }
  const env = { root, emit: () => undefined, control: new DriverControl(), command: `autolab ${command}` };
  const leased = acquireLease(env, null);
  if (!leased.ok) return leased.failure;
  try {
    return activeRun(root) ?? work();
  } finally {
    leased.value.release();
  }
}

/** Why the workflow cannot be moved now; null if no run is active. */
export function activeRun(root: string): Failure | null {
  const active = findActive(root);
  if (active.kind === 'none') return null;
  const names = active.kind === 'one' ? active.run.runId : active.runs.map(({ runId }) => runId).join(', ');
  return failureOf('run.other_active', { message: `A run is active: ${names}.` });
}

function change(root: string, move: StageMove | SwitchMove, patch: Readonly<Record<string, unknown>>): Failure | null {
  const { from, to, code, by, note, run = null, counted = null } = move;
  const before = positionOf(from);
  const after = { ...before, stage: to.stage, stage_attempt: to.stage_attempt };
  const moved = 'iteration_id' in patch;
  const instead = changeState(root, {
    iterationId: from.iteration_id,
    before,
    after,
    patch,
    isDone: () => !moved,
    history: {
      at: now(),
      ...(by === undefined ? {} : { by }),
      ...(note === undefined ? {} : { note }),
      command: move.command,
      code,
      outcome: consequenceOf(code).outcome,
      run_id: run,
      stage_before: before.stage,
      stage_after: after.stage,
      stage_attempt: after.stage_attempt,
      attempt_counted: counted,
      ...(moved ? { iteration_id: patch['iteration_id'], experiment_id: patch['experiment_id'] } : {}),
    },
  });
  if (instead !== null)
    return failureOf('state.changed', {
      message: `${STATE} changed meanwhile: ${instead}.`,
      hint: `Look, and repeat the command if it is still right: autolab status`,
    });
  crashPoint('move.state_written');
  writeAgentResult(root, agentResultOf(move, { ...after, ...idsOf(move, patch) }));
  return null;
}

function idsOf(
  { from }: Pick<StageMove, 'from'>,
  patch: Readonly<Record<string, unknown>>,
): Pick<AgentResult, 'iteration_id' | 'experiment_id' | 'run_id'> {
  const textOf = (name: 'iteration_id' | 'experiment_id' | 'last_run_id'): string | null => {
    const value = Object.hasOwn(patch, name) ? patch[name] : from[name];
    return typeof value === 'string' && value !== '' ? value : null;
  };
  return {
    iteration_id: textOf('iteration_id') ?? '',
    experiment_id: textOf('experiment_id'),
    run_id: textOf('last_run_id'),
  };
}

function agentResultOf(
  { from, code, message, counted = null }: StageMove | SwitchMove,
  after: PositionData & Pick<AgentResult, 'iteration_id' | 'experiment_id' | 'run_id'>,
): AgentResult {
  const { stage: nextStage, stage_attempt: attempt, iteration_id, experiment_id, run_id } = after;
  return resultOfStage({
    stage: from.stage,
    failed: !['ok', 'completed'].includes(consequenceOf(code).outcome),
    ...{ code, summary: message, nextStage, attempt, counted },
    ids: { iteration_id, experiment_id, run_id },
  });
}
