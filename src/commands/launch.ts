import { join } from 'node:path';
import { drive } from '../engine/driver.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { executorOf, unrecordedRun } from '../executors/table.ts';
import type { Plan, PrepareOptions } from '../plan/plan.ts';
import { isAsGuarded, prepareLaunch } from '../plan/prepare.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { realPathOr, writeFileAtomic } from '../platform/files.ts';
import { hostIdentity } from '../platform/host.ts';
import { newToken } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { AGENT_RESULT, runPaths } from '../records/paths.ts';
import type { OpenedData } from '../records/run-data.ts';
import { taskPaths } from '../records/tasks/task-files.ts';
import { parseReusedTasks, TASKS_REUSED_FILE } from '../records/tasks/task-reuse.ts';
import { WITHHELD_FILE, WITHHELD_MODE, withhold } from '../records/withheld.ts';
import { type AboutRun, aboutRun, resultOfBegunRun, saysComplete, writeAgentResult } from '../run/agent-result.ts';
import type { Ahead } from '../run/ahead.ts';
import { type ActiveRun, claimIsDamaged, findActive, makeClaim, noteOpened, readClaim } from '../run/claim.ts';
import { type DriveOptions, viewOf } from '../run/context.ts';
import type { Lease } from '../run/lease.ts';
import { lightState } from '../run/light-state.ts';
import { placeOf } from '../run/place.ts';
import {
  acquireLease,
  checkFolders,
  type JournalPeek,
  type LaunchEnvironment,
  openRun,
  peekRun,
} from '../run/session.ts';
import { reportingSlowWork } from '../run/slow-work.ts';
import { notePending } from '../run/state-file.ts';
import { withDefaults } from './defaults.ts';
import { dryRunOfActive, dryRunOfPlan } from './launch-dry-run.ts';
import { dryRunOfGate, writeGateFailure } from './launch-gate.ts';
import { copiedClaim, damagedClaim, notBegun, openFirst, otherActive, severalOpen } from './launch-refusals.ts';
import { type ApprovalWanted, isFor, launchedAlready, noSuchRunBefore, notTheApproved } from './launched-already.ts';
import { type CommandResult, resultOfFailure, type ResultParts } from './result.ts';
import { refusalToResume, resumeRun } from './resume.ts';
import { partsOfRun, resultOfDrive } from './run-result.ts';
import { whileOpen } from './while-open.ts';

/** `autolab launch`: continues the active run, or checks, claims and drives a new one. */

export interface LaunchSettings extends Omit<PrepareOptions, 'onExecutor'>, DriveOptions, ApprovalWanted {
  readonly dryRun: boolean;
}

const DEFAULTS: LaunchSettings = {
  dryRun: false,
  detach: false,
  waitTimeoutMs: null,
  runId: null,
  profile: null,
  allowOpenTodo: false,
  failedOnly: false,
  approved: null,
  after: null,
};

const COMMAND = 'launch';

export async function launchRun(env: LaunchEnvironment, given: Partial<LaunchSettings> = {}): Promise<CommandResult> {
  const options = withDefaults(given, DEFAULTS);
  // If two launchers start together, or a document changes while it is read, try again, but not for ever.
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const result = await launchOnce(env, options);
    if (result !== 'again') return result;
  }
  return resultOfFailure(
    COMMAND,
    failureOf('lease.held', {
      message: 'The project changed during each of three attempts to launch; another process is changing it.',
    }),
  );
}

async function launchOnce(env: LaunchEnvironment, options: LaunchSettings): Promise<CommandResult | 'again'> {
  const unknown = noSuchRunBefore(env.root, options);
  if (unknown !== null) return resultOfFailure(COMMAND, unknown);
  const active = findActive(env.root);
  if (active.kind === 'several') return resultOfFailure(COMMAND, severalOpen(active.runs));
  const end = active.kind === 'one' ? await continueActive(env, options, active.run) : refusalWithoutRun(env.root);
  if (end !== null) return end;
  const before = launchedAlready(env.root, options);
  if (before !== null) return before;
  crashPoint('launch.looked');
  if (active.kind !== 'one') return begin(env, options, null);
  // It was begun, and its driver died before it was written down what it takes over.
  const failedOnly = options.failedOnly === true || active.run.claim?.failed_only === true;
  return begin(env, { ...options, failedOnly }, active.run.runId);
}

/** Returns null if the run was claimed and nothing more: a new run then takes over its claim. */
async function continueActive(
  env: LaunchEnvironment,
  options: LaunchSettings,
  run: ActiveRun,
): Promise<CommandResult | null> {
  const ofRun = { run_id: run.runId };
  const peek = peekRun(env.root, run);
  if (peek.kind === 'corrupt') return resultOfFailure(COMMAND, peek.failure, ofRun);
  const isAnother = options.runId !== null && options.runId !== run.runId;
  if (isAnother || (peek.kind === 'run' && !isFor(peek.view, options.approved)))
    return resultOfFailure(COMMAND, otherActive(run), ofRun);
  if (peek.kind === 'run' && options.failedOnly === true && peek.view.opened.tasks?.reuse === undefined)
    return resultOfFailure(COMMAND, openFirst(run), ofRun);
  if (peek.kind === 'run')
    return options.dryRun ? dryRunOfOpen(env.root, run, peek) : resumeRun(env, run, { ...options, command: COMMAND });
  const copied = copiedClaim(env.root, run);
  if (copied !== null) return resultOfFailure(COMMAND, copied, ofRun);
  if (run.iterationId === lightState(env.root)?.iteration_id) return null;
  return resultOfFailure(COMMAND, otherActive(run), ofRun);
}

/** Refuses what `resumeRun` would. */
function dryRunOfOpen(root: string, run: ActiveRun, peek: Extract<JournalPeek, { kind: 'run' }>): CommandResult {
  const refusal = refusalToResume(root, peek);
  if (refusal !== null) return resultOfFailure(COMMAND, refusal, partsOfRun(peek.view));
  checkFolders(peek.paths);
  return dryRunOfActive(run);
}

/** No run is open. Returns why none may begin, or null. */
function refusalWithoutRun(root: string): CommandResult | null {
  // A damaged claim still stands for a run, and no journal says which.
  const failure = unrecordedRun(root)?.failure ?? (claimIsDamaged(root) ? damagedClaim() : null);
  return failure === null ? null : resultOfFailure(COMMAND, failure);
}

/** Returns null if the user left: programs that the interrupt ended gave no answer, so their silence proves nothing. */
async function unlessLeft<T>(env: LaunchEnvironment, look: () => Promise<T>): Promise<T | null> {
  try {
    const seen = await reportingSlowWork(env, 'read', look);
    return env.control.detach ? null : seen;
  } catch (error) {
    if (env.control.detach) return null;
    throw error;
  }
}

/** `unopened`: a run that was claimed and nothing more; it keeps its id. */
async function begin(
  env: LaunchEnvironment,
  options: LaunchSettings,
  unopened: string | null,
): Promise<CommandResult | 'again'> {
  const begun: { ahead: Ahead | null } = { ahead: null };
  try {
    return await prepareAndDrive(env, options, unopened, begun);
  } finally {
    begun.ahead?.drop();
  }
}

/** `begun`: gets what was started while the launch was prepared. */
async function prepareAndDrive(
  env: LaunchEnvironment,
  options: LaunchSettings,
  unopened: string | null,
  begun: { ahead: Ahead | null },
): Promise<CommandResult | 'again'> {
  const { root, emit } = env;
  const onExecutor = (start: () => Ahead | null): void => {
    begun.ahead = start();
    crashPoint('launch.ahead');
  };
  const wanted = {
    ...{ ...options, runId: unopened ?? options.runId, adopt: unopened !== null },
    ...(options.dryRun ? {} : { onExecutor }),
  };
  const prepared = await unlessLeft(env, () => prepareLaunch(root, wanted, emit));
  if (prepared === null) return resultOfFailure(COMMAND, notBegun());
  if (prepared.kind === 'refused') {
    const { failure } = prepared;
    return tookAnotherRunsId(root, options, failure) ? 'again' : resultOfFailure(COMMAND, failure);
  }
  if (prepared.kind === 'gate')
    return options.dryRun ? dryRunOfGate(prepared) : writeGateFailure(env, prepared, unopened);
  const another = notTheApproved(prepared.opened.approved, options);
  if (another !== null) return resultOfFailure(COMMAND, another);
  for (const problem of prepared.warnings) if (problem.severity === 'warning') emit({ type: 'warning', problem });
  if (options.dryRun) {
    const taken = (parseReusedTasks(prepared.reusedList ?? '') ?? []).map(({ index }) => index);
    return dryRunOfPlan(prepared, await executorOf(prepared.opened).askSite(root, prepared.opened, taken));
  }
  return claimAndDrive(env, options, prepared, unopened, begun.ahead);
}

/** Begins a run as planned. Writes nothing before it holds the lease and has checked that nothing changed. */
export async function claimAndDrive(
  env: LaunchEnvironment,
  options: LaunchSettings,
  plan: Plan,
  unopened: string | null,
  ahead: Ahead | null = null,
): Promise<CommandResult | 'again'> {
  const leased = acquireLease(env, null);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure);
  const lease = leased.value;
  try {
    // A run of this very launch may have begun and ended since the first look.
    if (!isAsGuarded(env.root, plan.guardDigest) || launchedAlready(env.root, options) !== null) return 'again';
    const { opened } = plan;
    // Before the claim: a driver that is killed between the two leaves no open run beside the word `complete`.
    if (saysComplete(env.root)) writeAgentResult(env.root, resultOfBegunRun(aboutClaim(opened)));
    crashPoint('claim.result_retracted');
    const claimed = makeClaim(env.root, {
      ...hostIdentity(),
      run_id: opened.run_id,
      iteration_id: opened.iteration_id,
      experiment_id: opened.experiment_id,
      token: newToken(),
      claimed_at: now(),
      position: opened.position,
      project: realPathOr(env.root),
      ...(options.failedOnly === true ? { failed_only: true as const } : {}),
    });
    crashPoint('claim.made');
    // A claim whose driver died before its first line is ours to continue; any other claim is another run.
    if (!claimed && (unopened === null || readClaim(env.root)?.run_id !== unopened)) return 'again';
    const parts = partsOfClaim(opened);
    return await whileOpen(COMMAND, parts, () => openAndDrive(env, options, { ...plan, ahead }, lease));
  } finally {
    lease.release();
  }
}

function partsOfClaim({ run_id, iteration_id, experiment_id }: OpenedData): ResultParts {
  return { run_id, iteration_id, experiment_id };
}

/** With the claim: writes the first line of the journal, then drives. */
async function openAndDrive(
  env: LaunchEnvironment,
  options: LaunchSettings,
  { opened, inputList, taskList, reusedList, ahead }: Plan & { readonly ahead: Ahead | null },
  lease: Lease,
): Promise<CommandResult | 'again'> {
  const run = openRun(env, lease, runPaths(env.root, opened.iteration_id, opened.run_id), options, ahead);
  if (!run.ok) return resultOfFailure(COMMAND, run.failure);
  const ctx = run.value;
  if (ctx.journal.entries.length > 0) return 'again';
  const withheld = withhold({ ...opened, place: placeOf(env.root, ctx.paths) });
  if (withheld.file !== null) {
    writeFileAtomic(join(ctx.paths.receipt, WITHHELD_FILE), withheld.file, WITHHELD_MODE);
    env.emit({ type: 'note', message: withheld.opened.warnings.at(-1) ?? '' });
  }
  // The journal's first line has the digests of these texts.
  if (inputList !== null) writeFileAtomic(ctx.paths.inputSums, inputList);
  if (taskList !== null) writeFileAtomic(taskPaths(ctx.paths).list, taskList);
  if (reusedList !== null) writeFileAtomic(join(ctx.paths.folder, TASKS_REUSED_FILE), reusedList);
  crashPoint('claim.inputs_listed');
  ctx.journal.append('claim', 'run.opened', withheld.opened);
  noteOpened(env.root, opened.run_id);
  notePending(env.root, opened.run_id);
  crashPoint('claim.pending_noted');
  writeAgentResult(env.root, resultOfBegunRun(aboutRun(viewOf(ctx))));
  crashPoint('claim.result_written');
  env.emit({
    type: 'run',
    run_id: opened.run_id,
    run_dir: ctx.paths.relative,
    resumed: false,
    mode: opened.launch_mode,
    on_interrupt: executorOf(opened).onInterrupt,
  });
  return resultOfDrive(COMMAND, ctx, await drive(ctx));
}

function aboutClaim({ run_id, iteration_id, experiment_id, position }: OpenedData): AboutRun {
  return {
    runId: run_id,
    iterationId: iteration_id,
    experimentId: experiment_id,
    position,
    changedFiles: [AGENT_RESULT],
  };
}

/**
 * Another launch claimed the project while this one read it: the `pending_run_id` that was found is that run's, and not a
 * caller's wish.
 */
function tookAnotherRunsId(root: string, { runId }: LaunchSettings, { code }: Failure): boolean {
  if (code !== 'run.exists' || runId !== null) return false;
  return findActive(root).kind !== 'none' || lightState(root)?.pending_run_id === null;
}
