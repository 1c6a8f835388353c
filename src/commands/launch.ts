import { join } from 'node:path';
import { historyEntry } from '../engine/close.ts';
import { drive } from '../engine/driver.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import type { SiteOpinion } from '../executors/executor.ts';
import { executorOf, unrecordedRun } from '../executors/table.ts';
import { guardProject } from '../plan/guard.ts';
import type { GateFailure, Plan, PrepareOptions } from '../plan/plan.ts';
import { guardDigestOf, prepareLaunch } from '../plan/prepare.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { realPathOr, writeFileAtomic, writeFileIfChanged } from '../platform/files.ts';
import { hostIdentity } from '../platform/host.ts';
import { newToken } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { canonicalFile } from '../records/canonical.ts';
import { AGENT_RESULT, CLAIM, runPaths } from '../records/paths.ts';
import { WITHHELD_FILE, WITHHELD_MODE, withhold } from '../records/withheld.ts';
import {
  type ActiveRun,
  claimIsCopied,
  claimIsDamaged,
  clearClaim,
  findActive,
  hasClaimFile,
  makeClaim,
  noteOpened,
  readClaim,
} from '../run/claim.ts';
import type { DriveOptions } from '../run/context.ts';
import type { Lease } from '../run/lease.ts';
import { lightState } from '../run/light-state.ts';
import { type Transition, transitionFor, wasCounted } from '../run/outcome.ts';
import { placeOf } from '../run/place.ts';
import { acquireLease, type LaunchEnvironment, openRun, peekRun } from '../run/session.ts';
import { changeState, notePending } from '../run/state-file.ts';
import { withDefaults } from './defaults.ts';
import { type CommandResult, resultOfFailure } from './result.ts';
import { resumeRun } from './resume.ts';
import { resultOfDrive } from './run-result.ts';

/** `autolab launch`: continues the active run, or checks, claims and drives a new one. */

export interface LaunchSettings extends PrepareOptions, DriveOptions {
  readonly dryRun: boolean;
}

const DEFAULTS: LaunchSettings = {
  dryRun: false,
  detach: false,
  waitTimeoutMs: null,
  runId: null,
  profile: null,
  allowOpenTodo: false,
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
  const active = findActive(env.root);
  if (active.kind === 'several') return resultOfFailure(COMMAND, severalOpen(active.runs));
  if (active.kind === 'one') {
    const peek = peekRun(env.root, active.run);
    if (peek.kind === 'corrupt') return resultOfFailure(COMMAND, peek.failure, { run_id: active.run.runId });
    if (options.runId !== null && options.runId !== active.run.runId)
      return resultOfFailure(COMMAND, otherActive(active.run), { run_id: active.run.runId });
    const copied = peek.kind === 'unopened' ? copiedClaim(env.root, active.run) : null;
    if (copied !== null) return resultOfFailure(COMMAND, copied, { run_id: active.run.runId });
    if (peek.kind === 'run')
      return options.dryRun ? dryRunOfActive(active.run) : resumeRun(env, active.run, { ...options, command: COMMAND });
  }
  // A damaged claim still stands for a run, and no journal says which.
  if (active.kind === 'none' && claimIsDamaged(env.root)) return resultOfFailure(COMMAND, damagedClaim());
  const living = active.kind === 'none' ? unrecordedRun(env.root) : null;
  if (living !== null) return resultOfFailure(COMMAND, living);
  const unopened = active.kind === 'one' ? active.run.runId : null;
  if (active.kind === 'one' && active.run.iterationId !== lightState(env.root)?.iteration_id) {
    return resultOfFailure(COMMAND, otherActive(active.run), { run_id: active.run.runId });
  }
  crashPoint('launch.looked');
  const prepared = await prepareLaunch(
    env.root,
    { ...options, runId: unopened ?? options.runId, adopt: unopened !== null },
    env.emit,
  );
  // Programs that the interrupt ended gave no answer, so conclusions from their silence do not count.
  if (env.control.detach) return resultOfFailure(COMMAND, notBegun());
  if (prepared.kind === 'refused')
    return tookAnotherRunsId(env.root, options, prepared.failure)
      ? 'again'
      : resultOfFailure(COMMAND, prepared.failure);
  if (prepared.kind === 'gate')
    return options.dryRun ? gateResult(prepared, false) : writeGateFailure(env, prepared, unopened);
  for (const problem of prepared.warnings) if (problem.severity === 'warning') env.emit({ type: 'warning', problem });
  if (options.dryRun)
    return dryRunOfPlan(prepared, await executorOf(prepared.opened).askSite(env.root, prepared.opened));
  return claimAndDrive(env, options, prepared, unopened);
}

/** Begins a run as planned. Writes nothing before it holds the lease and has checked that nothing changed. */
export async function claimAndDrive(
  env: LaunchEnvironment,
  options: LaunchSettings,
  plan: Plan,
  unopened: string | null,
): Promise<CommandResult | 'again'> {
  const leased = acquireLease(env, null);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure);
  const lease = leased.value;
  try {
    if (!stillTheSame(env.root, plan.guardDigest)) return 'again';
    const { opened } = plan;
    const claimed = makeClaim(env.root, {
      ...hostIdentity(),
      run_id: opened.run_id,
      iteration_id: opened.iteration_id,
      experiment_id: opened.experiment_id,
      token: newToken(),
      claimed_at: now(),
      position: opened.position,
      project: realPathOr(env.root),
    });
    crashPoint('claim.made');
    // A claim whose driver died before its first line is ours to continue; any other claim is another run.
    if (!claimed && (unopened === null || readClaim(env.root)?.run_id !== unopened)) return 'again';
    const run = openRun(env, lease, runPaths(env.root, opened.iteration_id, opened.run_id), options);
    if (!run.ok) return resultOfFailure(COMMAND, run.failure);
    const ctx = run.value;
    if (ctx.journal.entries.length > 0) return 'again';
    const withheld = withhold({ ...opened, place: placeOf(env.root, ctx.paths) });
    if (withheld.file !== null) {
      writeFileAtomic(join(ctx.paths.receipt, WITHHELD_FILE), withheld.file, WITHHELD_MODE);
      env.emit({ type: 'note', message: withheld.opened.warnings.at(-1) ?? '' });
    }
    ctx.journal.append('claim', 'run.opened', withheld.opened);
    noteOpened(env.root, opened.run_id);
    notePending(env.root, opened.run_id);
    crashPoint('claim.pending_noted');
    env.emit({
      type: 'run',
      run_id: opened.run_id,
      run_dir: ctx.paths.relative,
      resumed: false,
      mode: opened.launch_mode,
      on_interrupt: executorOf(opened).onInterrupt,
    });
    return resultOfDrive(COMMAND, ctx, await drive(ctx));
  } finally {
    lease.release();
  }
}

/**
 * Another launch claimed the project while this one read it: the `pending_run_id` that was found is that run's, and not a
 * caller's wish.
 */
function tookAnotherRunsId(root: string, { runId }: LaunchSettings, { code }: Failure): boolean {
  if (code !== 'run.exists' || runId !== null) return false;
  return findActive(root).kind !== 'none' || lightState(root)?.pending_run_id === null;
}

function stillTheSame(root: string, digest: string): boolean {
  const guarded = guardProject(root);
  return guarded.ok && guardDigestOf(guarded.value) === digest;
}

/** The workflow goes back, and agent_result.json says why. No run folder is made. */
function writeGateFailure(env: LaunchEnvironment, gate: GateFailure, unopened: string | null): CommandResult | 'again' {
  const leased = acquireLease(env, null);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure);
  const lease: Lease = leased.value;
  try {
    if (!stillTheSame(env.root, gate.guardDigest)) return 'again';
    // A claim whose driver died before its first line would continue a launch that no longer passes the gate.
    if (unopened !== null && readClaim(env.root)?.run_id === unopened) clearClaim(env.root, unopened);
    if (hasClaimFile(env.root)) return 'again';
    const { failure, position } = gate;
    const transition = transitionFor(failure.code, position);
    const instead = changeState(env.root, {
      iterationId: gate.iterationId,
      before: position,
      after: transition.after,
      patch: {},
      isDone: () => false,
      history: historyEntry(now(), null, { ...transition, code: failure.code }),
    });
    if (instead !== null) return 'again';
    writeFileIfChanged(join(env.root, AGENT_RESULT), canonicalFile(gateAgentResult(gate, transition)));
    return gateResult(gate, true);
  } finally {
    lease.release();
  }
}

function gateAgentResult(gate: GateFailure, transition: Transition): object {
  const { after } = transition;
  return {
    status: after.stage === 'human_review' ? 'failed' : 'needs_retry',
    summary: `${gate.failure.message} ${gate.failure.hint}`,
    changed_files: ['.autolab/state.json', AGENT_RESULT],
    completion_token_seen: false,
    stage: 'launch',
    code: gate.failure.code,
    run_id: null,
    iteration_id: gate.iterationId,
    experiment_id: gate.experimentId,
    next_stage: after.stage,
    stage_attempt: after.stage_attempt,
    attempt_counted: wasCounted(transition),
    problems: gate.failure.problems,
    probes: gate.host?.probes ?? null,
    open_todo: gate.openTodo,
    recommendations: gate.failure.recommendations,
  };
}

/** A dry run reports what would become of the workflow and changes nothing. */
function gateResult(gate: GateFailure, moved: boolean): CommandResult {
  const transition = transitionFor(gate.failure.code, gate.position);
  const { before, after, outcome } = transition;
  return resultOfFailure(COMMAND, gate.failure, {
    outcome: moved ? outcome : 'needs_retry',
    iteration_id: gate.iterationId,
    experiment_id: gate.experimentId,
    host_mode: gate.host?.mode ?? null,
    stage_before: before.stage,
    stage_after: moved ? after.stage : before.stage,
    stage_attempt: moved ? after.stage_attempt : before.stage_attempt,
    max_stage_attempts: before.max_stage_attempts,
    attempt_counted: moved && wasCounted(transition),
  });
}

function dryRunOfPlan(plan: Plan, site: SiteOpinion | null): CommandResult {
  const { opened } = withhold(plan.opened);
  const unknown = site?.unknown ?? null;
  const failure =
    site?.refusal ??
    failureOf('ok', {
      message:
        unknown === null
          ? `All checks passed. It would run as ${opened.run_id}.`
          : `All checks of this host passed; whether the site would accept the job is unknown (${unknown}). It would run as ${opened.run_id}.`,
      hint: 'Launch it: autolab launch',
    });
  return resultOfFailure(COMMAND, failure, {
    iteration_id: opened.iteration_id,
    experiment_id: opened.experiment_id,
    host_mode: opened.host.mode,
    stage_before: opened.position.stage,
    stage_after: opened.position.stage,
    stage_attempt: opened.position.stage_attempt,
    max_stage_attempts: opened.position.max_stage_attempts,
    problems: plan.warnings,
    details: {
      dry_run: true,
      plan: {
        command: opened.command,
        argv: opened.entrypoint.argv,
        mode: opened.launch_mode,
        host: opened.host,
        resource_request: opened.resource_request,
        artifacts: opened.artifacts,
        script_path: opened.entrypoint.script,
        script_source: opened.entrypoint.script_source,
        script: opened.documents.script,
        ...site?.details,
      },
    },
  });
}

function dryRunOfActive(run: ActiveRun): CommandResult {
  return resultOfFailure(
    COMMAND,
    failureOf('ok', {
      message: `A run is active; launch would continue ${run.runId}.`,
      hint: 'Continue it: autolab launch',
    }),
    {
      iteration_id: run.iterationId,
      run_id: run.runId,
      details: { dry_run: true, plan: null },
    },
  );
}

/** The call was interrupted before it claimed a run. */
export function notBegun(): Failure {
  return failureOf('interrupted', {
    message: 'Interrupted; this call started no run and wrote nothing.',
    hint: 'Launch again: autolab launch',
  });
}

/** A claim without a run that was copied with its project: the original continues it, under the same name. */
function copiedClaim(root: string, { claim, runId }: ActiveRun): Failure | null {
  if (claim === null || !claimIsCopied(root, claim)) return null;
  return failureOf('run.copied', {
    message: `The run ${runId} was claimed in ${claim.project ?? ''}; this project is a copy of it.`,
    hint: 'Continue the run in the original project. To launch here, clear the claim in this copy: autolab cancel',
  });
}

function otherActive(run: ActiveRun): Failure {
  return failureOf('run.other_active', { message: `The run ${run.runId} of ${run.iterationId} is active.` });
}

function damagedClaim(): Failure {
  return failureOf('run.other_active', {
    message: `${CLAIM} cannot be read, and no open run shows which run it claimed.`,
    hint: `Inspect it. If no launch is in progress, delete it: rm ${CLAIM}`,
  });
}

function severalOpen(runs: readonly ActiveRun[]): Failure {
  const names = runs.map((run) => `${run.iterationId}/${run.runId}`).join(', ');
  return failureOf('run.other_active', {
    message: `Several runs are open, and no claim says which one is active: ${names}.`,
    hint: 'Restore .autolab/active_run.json from a backup, or move away the run folders that are not yours.',
  });
}
