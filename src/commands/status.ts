import { join } from 'node:path';
import { CATALOG } from '../errors/catalog.ts';
import { failureOf } from '../errors/failure.ts';
import type { TasksNow } from '../events/events.ts';
import type { Standing } from '../executors/executor.ts';
import { guardOriginal } from '../executors/original.ts';
import { executorOf, unrecordedRun } from '../executors/table.ts';
import { readTextOrNull } from '../platform/files.ts';
import { lastLineOf } from '../platform/terminal/last-line.ts';
import { now } from '../platform/time.ts';
import type { ClosedExperiment } from '../project/closed.ts';
import { BACKLOG, type RunPaths } from '../records/paths.ts';
import { syncStatusOf } from '../records/projection-sync.ts';
import type { RunView } from '../records/run-view.ts';
import { findActive } from '../run/claim.ts';
import { leaseHolder } from '../run/lease.ts';
import { lightApprovedDigest } from '../run/light-approval.ts';
import { type LightState, lightState } from '../run/light-state.ts';
import { wasCounted } from '../run/outcome.ts';
import { leftAgent, peekRun } from '../run/session.ts';
import { tasksNow } from '../run/tasks/look.ts';
import { newsOf } from '../sites/news.ts';
import { FAILED_ONLY, hintAtStage, usualCommand } from '../workflow/choices.ts';
import { ABANDON_RUN, choicesOfOpenRun, CONTINUE_BEGUN } from '../workflow/open-run.ts';
import { runToFollow } from './launched-already.ts';
import { type CommandResult, resultOfFailure, type ResultParts, stageKeys, succeed } from './result.ts';
import { partsOfRun } from './run-result.ts';

/** `autolab status`: reads only, and little; for a run on another host it fetches new receipts and logs. */

const COMMAND = 'status';

/** Returns null if the quick reader cannot read state.json: the caller lets the full reader say why. */
export async function runStatus(root: string): Promise<CommandResult | null> {
  const state = lightState(root);
  return state === null ? null : (whileAgentLeft(root, state) ?? ofProject(root, state));
}

function whileAgentLeft(root: string, state: LightState): CommandResult | null {
  const left = leftAgent(root);
  if (left === null) return null;
  const { message, hint } = left.failure;
  const details = nextKeys(root, state, left.command);
  return resultOfFailure(COMMAND, failureOf('run.none_active', { message, hint }), { ...partsOfState(state), details });
}

async function ofProject(root: string, state: LightState): Promise<CommandResult> {
  const active = findActive(root);
  const parts = partsOfState(state);
  if (active.kind === 'none') {
    const last = state.last_run_id === null ? '' : ` The last run was ${state.last_run_id}.`;
    const living = unrecordedRun(root);
    const closed = await closedExperiment(root, state);
    const { message, hint } = living?.failure ?? {
      message: `No run is active; the workflow is at ${state.stage}.${last}${closed === null ? '' : ` ${closed.message}`}`,
      hint: closed?.hint ?? hintFor(state),
    };
    return resultOfFailure(COMMAND, failureOf('run.none_active', { message, hint }), {
      ...parts,
      details: {
        step: null,
        driver: 'nobody',
        last_run_id: state.last_run_id,
        closed_experiment: closed !== null,
        queue_reason: null,
        elapsed_seconds: null,
        last_line: null,
        ...nextKeys(root, state, living === null ? (closed?.command ?? usualCommand(state)) : ABANDON_RUN.command),
      },
    });
  }
  if (active.kind === 'several') {
    return resultOfFailure(
      COMMAND,
      failureOf('run.other_active', {
        message: `Several runs are open: ${active.runs.map((run) => run.runId).join(', ')}.`,
      }),
      { ...parts, details: nextKeys(root, state, null) },
    );
  }
  const peek = peekRun(root, active.run);
  if (peek.kind === 'corrupt') {
    const details = nextKeys(root, state, ABANDON_RUN.command);
    return resultOfFailure(COMMAND, peek.failure, { ...parts, run_id: active.run.runId, details });
  }
  if (peek.kind === 'unopened') {
    return succeed(
      COMMAND,
      {
        message: `Run ${active.run.runId} was begun; nothing has started yet.`,
        hint: 'Continue: autolab launch',
      },
      {
        ...parts,
        run_id: active.run.runId,
        details: {
          ...{ step: 'claim', driver: driverOf(root), queue_reason: null, elapsed_seconds: null, last_line: null },
          ...nextKeys(root, state, CONTINUE_BEGUN.command),
        },
      },
    );
  }
  return ofRun(root, state, peek.view, peek.paths);
}

async function ofRun(root: string, state: LightState, view: RunView, paths: RunPaths): Promise<CommandResult> {
  const driver = driverOf(root);
  if (driver === 'nobody') await newsOf(view.opened)?.(root, view);
  const step = [...view.steps.values()].find((candidate) => candidate.pending)?.name ?? null;
  const elapsed = secondsSinceStart(view, now());
  const executor = executorOf(view.opened);
  const standing = await executor.standing({ root, view, paths }, driver !== 'nobody');
  const copied = view.closed === null ? guardOriginal(root, view) : null;
  const executing = step !== null && executor.stepNames.includes(step);
  const closed = await closedExperiment(root, state);
  const before = [copied, closed].map((failure) => (failure === null ? '' : `${failure.message} `)).join('');
  const tasks = view.opened.tasks === undefined ? null : tasksNow(paths, view.opened.tasks);
  const words = stateWords(view, { step, elapsed, executing, standing });
  const message = `${before}Run ${view.opened.run_id}: ${words}; ${tasksWords(tasks)}${driverWords(driver)}.`;
  const ended = executor.hasEndReceipt(paths);
  const hint = copied?.hint ?? (closed === null ? nextCommand(state, view, driver) : whileClosed(closed, ended));
  const [choice] = choicesOfOpenRun({
    ...{ copied: copied !== null, driven: driver !== 'nobody', reopen: closed?.command ?? null },
    ...{ stage: state.stage, closed: view.closed !== null, ended },
  });
  return succeed(
    COMMAND,
    { message, hint },
    {
      ...partsOfRun(view),
      ...stageKeys(state, state),
      artifact_sync_status: syncStatusOf(view),
      attempt_counted: countedLast(view),
      details: {
        step,
        driver,
        entrypoint: standing.entrypoint,
        closed_experiment: closed !== null,
        queue_reason: null,
        elapsed_seconds: elapsed,
        last_line: lastLineOf(executor.logs(view, paths).stdout),
        last_failure: view.lastFailure,
        tasks,
        ...standing.details,
        ...nextKeys(root, state, choice?.command ?? null),
      },
    },
  );
}

/** What every status has: see `autolab next`, which says more. */
function nextKeys(root: string, state: LightState, command: string | null): Readonly<Record<string, string | null>> {
  const approved = lightApprovedDigest(root, state.iteration_id);
  const canFollow = state.stage === 'launch' && findActive(root).kind === 'none';
  return { next_command: command, approved_digest: approved, after: canFollow ? runToFollow(root, approved) : null };
}

/** The parser is loaded only for a backlog that has one of these words outside of a comment: those of `init` have them in one. */
const COMMENT_LINES = /^[ \t]*#.*$/gm;
/** Of a line without quotes, which may have the sign in a text. */
const COMMENT_AT_END = /^([^'"#\n]*[ \t])#[^'"\n]*$/gm;
const MAY_BE_CLOSED = /\b(?:done|completed|closed|resolved)\b/i;

async function closedExperiment(root: string, state: LightState): Promise<ClosedExperiment | null> {
  const backlog = readTextOrNull(join(root, BACKLOG)) ?? '';
  if (!MAY_BE_CLOSED.test(backlog.replaceAll(COMMENT_LINES, '').replaceAll(COMMENT_AT_END, '$1'))) return null;
  const { closedNow } = await import('../project/closed.ts');
  return closedNow(root, { ...state, experiment_id: state.experiment_id ?? '' });
}

/** Pure. A run that has ended is not cancelled any more. */
function whileClosed({ hint }: ClosedExperiment, hasEnded: boolean): string {
  return `${hint}; then: autolab resume.${hasEnded ? '' : ' Or stop the run: autolab cancel'}`;
}

/** Of the entrypoint; null if it has not begun. Pure. */
export function secondsSinceStart({ started }: RunView, at: string): number | null {
  return started === null ? null : Math.max(0, Math.round((Date.parse(at) - Date.parse(started.started_at)) / 1000));
}

interface Progress {
  readonly step: string | null;
  readonly elapsed: number | null;
  /** The step is one of the executor's. */
  readonly executing: boolean;
  readonly standing: Standing;
}

/** The scheduler's words say more than the state of the entrypoint. Pure. */
function stateWords(view: RunView, { step, elapsed, executing, standing }: Progress): string {
  const { entrypoint, words } = standing;
  if (words !== null) return `${describe(view, step, elapsed, null)}; ${words}`;
  return describe(view, step, elapsed, executing ? entrypoint : null);
}

/** Pure. */
function tasksWords(tasks: TasksNow | null): string {
  if (tasks === null) return '';
  const others = (['running', 'waiting', 'failed', 'cancelled'] as const).filter((state) => tasks[state] > 0);
  const counts = others.map((state) => `${tasks[state]} ${state}`);
  return `${[`${tasks.completed} of ${tasks.count} tasks completed`, ...counts].join(', ')}; `;
}

/** Pure. */
function driverWords(driver: 'nobody' | DriverRecord): string {
  return driver === 'nobody' ? 'no process follows it' : `followed by process ${driver.pid} on ${driver.host}`;
}

/** Pure. */
function nextCommand({ stage }: LightState, { closed }: RunView, driver: 'nobody' | DriverRecord): string {
  if (stage === 'human_review' && closed === null) return CATALOG['state.human_review'].hint;
  return driver === 'nobody'
    ? 'Resume it: autolab resume. Stop it: autolab cancel'
    : 'Follow it: autolab logs -f. Stop it: autolab cancel';
}

/** `entrypoint`: its state, if the current step runs it. */
function describe(view: RunView, step: string | null, elapsed: number | null, entrypoint: string | null): string {
  if (view.closed !== null) return `closed (${view.closed.code}), its last writes are not finished`;
  if (view.lastFailure !== null && step === null) return `waiting to retry after ${view.lastFailure.code}`;
  if (step === null) return 'between two steps';
  if (entrypoint === null) return `at the step ${step}`;
  return `at the step ${step}, ${entrypoint}${elapsed === null ? '' : `, ${elapsed} s since its start`}`;
}

/** Whether the failure that is reported cost an attempt. */
function countedLast({ closed, lastFailure }: RunView): boolean | null {
  if (closed !== null) return closed.outcome === 'completed' ? null : wasCounted(closed);
  return lastFailure === null ? null : wasCounted(lastFailure);
}

export interface DriverRecord {
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  readonly command: string;
  readonly liveness: string;
  readonly heartbeat_age_seconds: number | null;
}

export function driverOf(root: string): 'nobody' | DriverRecord {
  const holder = leaseHolder(root);
  if (holder === null || holder.liveness === 'dead') return 'nobody';
  const { record, liveness, heartbeatAgeMs } = holder;
  return {
    pid: record.pid,
    host: record.host,
    since: record.taken_at,
    command: record.command,
    liveness,
    heartbeat_age_seconds: heartbeatAgeMs === null ? null : Math.round(heartbeatAgeMs / 1000),
  };
}

export function partsOfState(state: LightState): ResultParts {
  return {
    iteration_id: state.iteration_id,
    experiment_id: state.experiment_id,
    ...stageKeys(state, state),
    artifact_sync_status: state.sync_status,
  };
}

function hintFor(state: LightState): string {
  if (state.stage === 'launch')
    return `Start one: autolab launch${state.leaves_tasks ? `. Only the tasks that the last run did not complete: ${FAILED_ONLY.command}` : ''}`;
  if (state.stage === 'human_review') return CATALOG['state.human_review'].hint;
  return hintAtStage(state.stage);
}
