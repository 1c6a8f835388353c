import { join } from 'node:path';
import { codeRootOf } from '../../code/snapshot/places.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { type Ending, endRunProcesses } from '../../platform/end-processes.ts';
import { makeFolder, messageOf, writeFileAtomic } from '../../platform/files.ts';
import { hostIdentity, livenessOf, placeOfHolder, startTimeOf } from '../../platform/host.ts';
import { removeCgroup } from '../../platform/run-cgroup.ts';
import { lastLineOf } from '../../platform/terminal/last-line.ts';
import { monotonicMs, now } from '../../platform/time.ts';
import { type FolderWatch, watchFolder } from '../../platform/watch.ts';
import { canonicalFile } from '../../records/canonical.ts';
import type { OpenedData, StartedData } from '../../records/run-data.ts';
import type { ExecuteResult } from '../../records/step-results.ts';
import { cancelRequest, noteCancel, tellSupervisor } from '../../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../../run/context.ts';
import { OBSERVED_FORMAT } from '../../run/observe.ts';
import { readReceipt } from '../../run/receipts.ts';
import { startOf } from '../../run/run-start.ts';
import { useOf } from '../../run/run-use.ts';
import { never, type Step, type StepEnd, type StepFailed } from '../../run/step.ts';
import { takeTombstone } from '../../run/tombstone.ts';
import { preloadVerifiers } from '../../run/verifiers.ts';
import { changedFiles, changedInputs, hintOnChanged } from '../../schedulers/code-changed.ts';
import { judgeStart } from '../../schedulers/judge-start.ts';
import { judgeExit } from '../../schedulers/local/judge.ts';
import { parseOrder, parseStarted, type SeenStart } from '../../schedulers/local/parse-receipt.ts';
import {
  CANNOT_WRITE,
  type Exit,
  type Order,
  ORDER_FILE,
  OTHERS_HIDDEN,
  SCRIPT_FILE,
  STARTED_FILE,
  type Supervisor,
} from '../../schedulers/local/receipt.ts';
import { CLAIM_FILE, CODE_CHANGED_FILE, EXIT_FILE, INPUTS_CHANGED_FILE } from '../../schedulers/receipt-files.ts';
import { adviceAfter } from './advice.ts';
import { leftCgroup } from './left-cgroup.ts';
import { startSupervisor } from './local-supervisor.ts';
import { exitIn, ownerOf, type RunOwner, type TakenBy } from './run-owner.ts';
import { describeLiving, livingProcesses } from './run-processes.ts';

/**
 * Runs the entrypoint here, under a supervisor that outlives us. Everything that the driver knows about the run it
 * reads from `receipt/`, so it makes no difference whether it started the supervisor itself or was started afterwards.
 */
export const execute: Step = {
  name: 'execute',
  skip: never,
  intent: (ctx) => ({ script_sha256: viewOf(ctx).opened.entrypoint.script_sha256 }),
  run: (ctx) => executeLocally(ctx, { kind: 'unclaimed' }),
  reconcile: (ctx) => {
    const owner = ownerOf({ root: ctx.root, view: viewOf(ctx), paths: ctx.paths });
    // Its files say that it was never started; living processes of it would prove the opposite.
    const started = owner.kind === 'unclaimed' && livingProcesses(ctx.root, ctx.paths).others.length > 0;
    return executeLocally(ctx, started ? { kind: 'unknown' } : owner);
  },
};

/** If the design does not say it. */
const GRACE_SECONDS = 10;

/** How long processes have between SIGTERM and SIGKILL. */
function graceOf(ctx: RunContext): number {
  return viewOf(ctx).opened.resource_request.grace_seconds ?? GRACE_SECONDS;
}

async function executeLocally(ctx: RunContext, owner: RunOwner): Promise<StepEnd> {
  ctx.lease.assertHeld();
  if (owner.kind !== 'unclaimed') return followOwner(ctx, owner);
  const { opened } = viewOf(ctx);
  makeFolder(ctx.paths.logs);
  const refused = makeScratch(opened.scratch);
  // With the claim taken, nothing can start the run, and the next launch chooses another folder.
  if (refused !== null && takeTombstone(ctx))
    return {
      kind: 'failed',
      code: 'local.start_failed',
      retryable: false,
      message: `The scratch folder ${opened.scratch} cannot be made: ${refused}.`,
      hint: 'Free or repair it, or set TMPDIR to another folder; launch again.',
    };
  const order: Order = {
    run_id: opened.run_id,
    iteration_id: opened.iteration_id,
    root: codeRootOf(ctx.root, opened),
    run_dir: ctx.paths.folder,
    script: join(ctx.paths.receipt, SCRIPT_FILE),
    script_sha256: opened.entrypoint.script_sha256,
    scratch: opened.scratch,
    ...(opened.environment_set === undefined ? {} : { environment: opened.environment_set }),
    time_limit_seconds: opened.resource_request.time_seconds,
    grace_seconds: graceOf(ctx),
    ...memoryLimitOf(opened),
    ...(opened.format >= OBSERVED_FORMAT ? { usage_series: true as const } : {}),
  };
  writeFileAtomic(join(ctx.paths.receipt, ORDER_FILE), canonicalFile(order));
  crashPoint('execute.ordered');
  const by = cancelRequest(ctx);
  if (by !== null) noteCancel(ctx, 'execute', by);
  if (by !== null && takeTombstone(ctx)) return followOwner(ctx, { kind: 'tombstone' });
  const started = await startSupervisor(ctx);
  return started.kind === 'failed' ? started : followOwner(ctx, started);
}

/** Returns why it cannot be made, or null. */
function makeScratch(path: string): string | null {
  try {
    makeFolder(path);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

function memoryLimitOf({ enforce_memory: enforced, resource_request: asked }: OpenedData): Partial<Order> {
  // 0 is all the memory that there is.
  if (enforced !== true || (asked.memory_mb ?? 0) === 0) return {};
  return { memory_limit_bytes: (asked.memory_mb ?? 0) * 1024 * 1024 };
}

async function followOwner(ctx: RunContext, owner: TakenBy): Promise<StepEnd> {
  if (owner.kind === 'unknown') return withoutOwner(ctx);
  if (owner.kind === 'tombstone') return neverStarted(ctx);
  // Before the first look: a receipt that is written between a look and a wait must not be found a second later.
  const receipts = watchFolder(ctx.paths.receipt);
  try {
    noteStarted(ctx, owner.supervisor);
    return await watch(ctx, owner.supervisor, receipts);
  } finally {
    receipts.close();
  }
}

function neverStarted(ctx: RunContext): StepFailed {
  const by = cancelRequest(ctx);
  if (by !== null) noteCancel(ctx, 'execute', by);
  const end = { kind: 'failed', retryable: false, writes: written(ctx) } as const;
  return by === null
    ? { ...end, code: 'local.start_failed', message: 'The run was abandoned before it was started.' }
    : { ...end, code: 'run.cancelled', message: 'The run was cancelled before it was started.' };
}

/** Something overwrote the claim before a driver saw it. Only the receipt, or the user, can say how the run ended. */
function withoutOwner(ctx: RunContext): StepEnd {
  const exit = exitIn(ctx.paths);
  if (exit !== null) return judge(ctx, exit, null);
  const living = describeLiving(livingProcesses(ctx.root, ctx.paths));
  const seen = living === null ? 'none of its processes is alive here' : `still alive here: ${living.who}`;
  const first = living === null ? '' : `End them: ${living.end}. Then abandon`;
  return {
    kind: 'paused',
    code: 'run.undetermined',
    message: `The run was started, and ${ctx.paths.relative}/receipt/${CLAIM_FILE} no longer says by whom; ${seen}.`,
    hint: `${first === '' ? 'Abandon' : first} the run: autolab cancel --force --by WHO --note WHY`,
  };
}

function noteStarted(ctx: RunContext, supervisor: Supervisor): void {
  if (viewOf(ctx).started !== null) return;
  const { pid, start_time, host, boot_id, machine_id, pid_namespace, claimed_at: startedAt, cgroup } = supervisor;
  const machine = machine_id === undefined ? {} : { machine_id };
  const contained = cgroup === undefined ? {} : { cgroup };
  const data: StartedData = {
    supervisor_pid: pid,
    started_at: startedAt,
    supervisor: { host, boot_id, ...machine, pid_namespace, pid, start_time, ...contained },
  };
  ctx.journal.append('execute', 'run.started', data);
  writeManifest(ctx);
}

/** Waits for the receipt. Ends with the receipt, the supervisor's death, the user's interrupt, or the time limit. */
async function watch(ctx: RunContext, claim: Supervisor, receipts: FolderWatch): Promise<StepEnd> {
  const deadline = ctx.deadlineMs;
  let told: string | null = null;
  for (;;) {
    const liveness = livenessOf(claim);
    // After the look at the supervisor, not before: its last act is the receipt.
    const exit = exitIn(ctx.paths);
    if (exit !== null) return judge(ctx, exit, claim);
    if (liveness === 'dead') return lost(ctx, claim);
    if (liveness === 'unknown') {
      return {
        kind: 'paused',
        code: 'run.undetermined',
        message: `The run belongs to a supervisor ${placeOfHolder(claim)}, which cannot be checked from ${hostIdentity().host}.`,
        hint: 'Continue there: autolab resume. If that host or container is gone, and its processes with it: autolab cancel --force --by WHO --note WHY',
      };
    }
    const by = cancelRequest(ctx);
    if (by !== null) {
      noteCancel(ctx, 'execute', by);
      tellSupervisor(claim);
    } else if (ctx.control.detach) return paused('interrupted', 'Interrupted; the run continues in the background.');
    else if (ctx.options.detach) return paused('run.submitted', 'The run continues in the background.');
    else if (deadline !== null && monotonicMs() > deadline)
      return paused('run.still_going', 'The run is still running.');
    ctx.emit({
      type: 'progress',
      step: 'execute',
      elapsed_seconds: Math.max(0, (Date.parse(now()) - Date.parse(claim.claimed_at)) / 1000),
      last_line: lastLineOf(ctx.paths.stdoutLog),
      use: useOf(viewOf(ctx).opened, ctx.paths),
    });
    told = tellTrouble(ctx, told);
    ctx.lease.assertHeld();
    preloadVerifiers();
    await receipts.next(
      deadline === null ? 1000 : Math.min(1000, Math.max(1, deadline - monotonicMs())),
      ctx.control.signal,
    );
  }
}

/** The end of a run is unknown until its supervisor can write the receipt: reports what the supervisor waits for. */
function tellTrouble(ctx: RunContext, told: string | null): string | null {
  const said = lastLineOf(ctx.paths.supervisorLog);
  if (said === null || said === told || !said.includes(CANNOT_WRITE)) return told;
  const message = `The supervisor of the run reports: ${said}. Free disk space, or fix the permissions of ${ctx.paths.relative}/receipt; the supervisor retries until then.`;
  ctx.emit({ type: 'note', message });
  return said;
}

function paused(code: 'interrupted' | 'run.submitted' | 'run.still_going', message: string): StepEnd {
  return { kind: 'paused', code, message };
}

/** Supervisor dead, no receipt. What is left of the run is ended first: a new run must not meet the old one. */
async function lost(ctx: RunContext, claim: Supervisor): Promise<StepEnd> {
  // If the project was moved away, and maybe back, the receipt went with it.
  ctx.lease.assertHeld();
  const exit = exitIn(ctx.paths);
  if (exit !== null) return judge(ctx, exit, claim);
  const started = parseStarted(readReceipt(ctx.paths, STARTED_FILE));
  const { ended, survivors, othersHidden } = await endWhatIsLeft(ctx, claim, started);
  noteSurvivors(ctx, survivors);
  const rebooted = claim.boot_id !== hostIdentity().boot_id;
  const why = rebooted ? 'the machine was restarted' : 'its supervisor is gone';
  const evidence = [
    `claimed by supervisor ${claim.pid} on ${claim.host} at ${claim.claimed_at}`,
    rebooted
      ? `boot id was ${claim.boot_id} and is ${hostIdentity().boot_id}`
      : 'the supervisor is gone and left no receipt',
    started === null
      ? 'the entrypoint may not have been started'
      : `the entrypoint was process ${started.pid}, started at ${started.started_at ?? 'an unknown time'}`,
    ...(othersHidden ? [OTHERS_HIDDEN] : []),
    ...survivors.map((survivor) => `still alive after the run: ${survivor}`),
  ];
  const result: ExecuteResult = {
    pid: started?.pid ?? null,
    supervisor_pid: claim.pid,
    exit_code: null,
    signal: null,
    ended_by: 'lost',
    evidence,
    leftovers_ended: ended,
    ...(survivors.length === 0 ? {} : { survivors }),
    started_at: started?.started_at ?? null,
    ended_at: null,
    used: null,
  };
  return {
    kind: 'failed',
    code: 'local.lost',
    retryable: false,
    message: `The run was lost: ${why} and left no receipt.`,
    writes: written(ctx),
    result,
  };
}

async function endWhatIsLeft(ctx: RunContext, claim: Supervisor, started: SeenStart | null): Promise<Ending> {
  // The path that the supervisor got: the project may have another path today.
  const order = parseOrder(readReceipt(ctx.paths, ORDER_FILE));
  const leaderLives = started !== null && startTimeOf(started.pid) === started.start_time;
  const processes = {
    // Of a dead one, the session's number may be another's.
    leader: leaderLives ? { pid: started.pid, startTime: started.start_time } : null,
    marks: [`AUTOLAB_RUN_DIR=${order?.run_dir ?? ctx.paths.folder}`],
    since: claim.start_time,
    spare: [process.pid],
    cgroup: leftCgroup(viewOf(ctx).opened.run_id, claim),
  };
  const ending = await endRunProcesses(processes, graceOf(ctx) * 1000);
  if (processes.cgroup !== null) await removeCgroup(processes.cgroup);
  return ending;
}

function judge(ctx: RunContext, exit: Exit, claim: Supervisor | null): StepEnd {
  const view = viewOf(ctx);
  const start = startOf(ctx, null);
  const codeChanged = changedFiles(readReceipt(ctx.paths, CODE_CHANGED_FILE));
  const judged = judgeExit(exit, {
    codeChanged,
    inputsChanged: changedInputs(readReceipt(ctx.paths, INPUTS_CHANGED_FILE)),
    cancelRequested: view.cancel !== null,
    timeLimitSeconds: view.opened.resource_request.time_seconds,
  });
  const verdict = start === null ? judged : judgeStart(judged, { ...start, kind: 'local', status: exit.exit_code });
  const starts = start?.sign.kind === 'begun' ? start.sign.starts : null;
  const result: ExecuteResult = {
    pid: exit.pid,
    supervisor_pid: claim?.pid ?? null,
    exit_code: exit.exit_code,
    signal: exit.signal,
    ended_by: exit.ended_by,
    evidence: verdict.evidence,
    leftovers_ended: exit.leftovers_ended,
    ...(exit.survivors.length === 0 ? {} : { survivors: exit.survivors }),
    contained_by: exit.contained_by,
    ...(exit.memory_limit_bytes === null ? {} : { memory_limit_bytes: exit.memory_limit_bytes }),
    started_at: exit.started_at,
    ended_at: exit.ended_at,
    used: {
      wall_seconds: exit.wall_seconds,
      cpu_seconds: exit.cpu_seconds,
      max_rss_bytes: exit.max_rss_bytes,
      source: exit.usage_source,
      samples: exit.samples,
    },
    ...(starts === null ? {} : { starts }),
  };
  const writes = written(ctx);
  noteSurvivors(ctx, exit.survivors);
  if (verdict.code === null) return { kind: 'done', message: verdict.message, writes, result };
  return {
    kind: 'failed',
    code: verdict.code,
    message: verdict.message,
    ...(verdict.code === 'local.code_changed' ? hintOnChanged(codeChanged, view.opened.snapshot !== undefined) : {}),
    retryable: false,
    recommendations: adviceAfter(ctx.paths, view, verdict.code, exit.max_rss_bytes),
    writes,
    result,
  };
}

function noteSurvivors(ctx: RunContext, survivors: readonly string[]): void {
  if (survivors.length === 0) return;
  ctx.emit({ type: 'note', message: `These processes of the run could not be ended: ${survivors.join('; ')}.` });
}

function written(ctx: RunContext): readonly string[] {
  return [ORDER_FILE, 'claim', STARTED_FILE, EXIT_FILE]
    .map((name) => `${ctx.paths.relative}/receipt/${name}`)
    .concat(`${ctx.paths.relative}/logs/stdout.log`, `${ctx.paths.relative}/logs/stderr.log`);
}
