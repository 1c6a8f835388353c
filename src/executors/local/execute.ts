import { join } from 'node:path';
import { codeRootOf } from '../../code/snapshot/places.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { makeFolder, makeScratchFolder, messageOf, writeFileAtomic } from '../../platform/files.ts';
import { hostIdentity, livenessOf, placeOfHolder } from '../../platform/host.ts';
import { lastLineOf } from '../../platform/terminal/last-line.ts';
import { monotonicMs, now } from '../../platform/time.ts';
import { type FolderWatch, watchFolder } from '../../platform/watch.ts';
import { canonicalFile } from '../../records/canonical.ts';
import type { OpenedData, StartedData } from '../../records/run-data.ts';
import { taskPaths } from '../../records/tasks/task-files.ts';
import { cancelRequest, noteCancel, tellSupervisor } from '../../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../../run/context.ts';
import { OBSERVED_FORMAT } from '../../run/observe.ts';
import { useOf } from '../../run/run-use.ts';
import { never, type Step, type StepEnd, type StepFailed } from '../../run/step.ts';
import { freeNowAndThen } from '../../run/tasks/lean.ts';
import { TasksWatch } from '../../run/tasks/look.ts';
import { takeTombstone } from '../../run/tombstone.ts';
import { preloadVerifiers } from '../../run/verifiers.ts';
import { CANNOT_WRITE, type Order, ORDER_FILE, SCRIPT_FILE, type Supervisor } from '../../schedulers/local/receipt.ts';
import { CLAIM_FILE } from '../../schedulers/receipt-files.ts';
import { endOfRun, written } from './end-of-run.ts';
import { graceOf } from './grace.ts';
import { startSupervisor } from './local-supervisor.ts';
import { endOfLostRun } from './lost-run.ts';
import { exitIn, ownerOf, type RunOwner, type TakenBy } from './run-owner.ts';
import { describeLiving, livingProcesses } from './run-processes.ts';
import { poolOrder } from './tasks/pool-order.ts';

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
    // With many tasks, it is the limit of each.
    time_limit_seconds: opened.tasks === undefined ? opened.resource_request.time_seconds : null,
    grace_seconds: graceOf(ctx),
    ...memoryLimitOf(opened),
    ...(opened.format >= OBSERVED_FORMAT ? { usage_series: true as const } : {}),
    ...(opened.tasks === undefined ? {} : { tasks: poolOrder(ctx, opened.tasks) }),
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
    makeScratchFolder(path);
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
  if (exit !== null) return endOfRun(ctx, exit, null);
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
  const { tasks } = viewOf(ctx).opened;
  const tasksWatch = tasks === undefined ? null : new TasksWatch(taskPaths(ctx.paths).receipts, tasks.count);
  let told: string | null = null;
  for (;;) {
    const liveness = livenessOf(claim);
    // After the look at the supervisor, not before: its last act is the receipt.
    const exit = exitIn(ctx.paths);
    if (exit !== null) return endOfRun(ctx, exit, claim);
    if (liveness === 'dead') return endOfLostRun(ctx, claim);
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
      ...(tasksWatch === null ? {} : { tasks: tasksWatch.look() }),
    });
    freeNowAndThen(ctx);
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
