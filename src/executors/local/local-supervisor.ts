import { crashPoint } from '../../platform/crash-points.ts';
import { openForAppend, readTextOrNull } from '../../platform/files.ts';
import { startTimeOf } from '../../platform/host.ts';
import { sha256 } from '../../platform/ids.ts';
import { spawnDetached } from '../../platform/process.ts';
import { machineMs } from '../../platform/time.ts';
import { scopeCommand } from '../../platform/user-scope.ts';
import { watchFolder } from '../../platform/watch.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepFailed } from '../../run/step.ts';
import { takeTombstone } from '../../run/tombstone.ts';
import { IN_SCOPE } from '../../schedulers/local/receipt.ts';
import { needsScope } from './ahead.ts';
import { ownerOf, type RunOwner, type TakenBy } from './run-owner.ts';
import { supervisorCommand } from './supervisor-command.ts';

/** Starting the supervisor of a local run. Any number may be started: the claim in `receipt/` picks one. */

const MAX_STARTS = 3;
const START_TIMEOUT_MS = 30_000;

/** Ensures that exactly one supervisor owns the run, or that none ever will. */
export async function startSupervisor(ctx: RunContext): Promise<TakenBy | StepFailed> {
  const waiting = currentOwner(ctx);
  if (waiting.kind !== 'unclaimed') return waiting;
  const ready = beginAhead(ctx);
  const first = ready === null ? waiting : await waitForOwner(ctx, ready);
  if (first.kind !== 'unclaimed') return first;
  for (let start = 0; start < MAX_STARTS; start += 1) {
    const owner = currentOwner(ctx);
    if (owner.kind !== 'unclaimed') return owner;
    // A scope that could not be made is not tried again.
    const pid = await spawnSupervisor(ctx, start === 0);
    const other = pid === null ? owner : await waitForOwner(ctx, pid);
    if (other.kind !== 'unclaimed') return other;
  }
  // Before the failure: with the claim taken, a supervisor that is merely slow can no longer start anything.
  if (!takeTombstone(ctx)) {
    const owner = currentOwner(ctx);
    if (owner.kind !== 'unclaimed') return owner;
  }
  const log = readTextOrNull(ctx.paths.supervisorLog)?.trim().split('\n').at(-1) ?? '';
  return {
    kind: 'failed',
    code: 'local.start_failed',
    retryable: false,
    message: `The supervisor of the run could not be started${log === '' ? '' : `: ${log}`}.`,
  };
}

function currentOwner(ctx: RunContext): RunOwner {
  return ownerOf({ root: ctx.root, view: viewOf(ctx), paths: ctx.paths });
}

/** Lets the supervisor begin that waits for this run. Returns its pid, or null if there is none. */
function beginAhead(ctx: RunContext): number | null {
  const { ahead } = ctx.memory;
  if (ahead?.folder !== ctx.paths.folder || !ahead.isWaiting()) return null;
  ctx.lease.assertHeld();
  // It opens its log when it begins; if that cannot be opened, this call says so, as it does below.
  openForAppend(ctx.paths.supervisorLog).close();
  crashPoint('execute.ready');
  ahead.begin();
  crashPoint('execute.begun');
  return ahead.pid;
}

/** In a scope of its own, if it needs one for a cgroup and may have one. */
function scopeOf(ctx: RunContext): readonly string[] | null {
  const { run_id: runId, enforce_memory: enforced } = viewOf(ctx).opened;
  // The root is part of the name: two projects on one host may give their runs the same id.
  return needsScope(enforced === true) ? scopeCommand(`autolab-${runId}-${sha256(ctx.root).slice(0, 12)}`) : null;
}

async function spawnSupervisor(ctx: RunContext, mayScope: boolean): Promise<number | null> {
  ctx.lease.assertHeld();
  const scope = mayScope ? scopeOf(ctx) : null;
  const { argv, env } = supervisorCommand(ctx.paths, scope === null ? [] : [IN_SCOPE]);
  const log = openForAppend(ctx.paths.supervisorLog);
  try {
    return await spawnDetached([...(scope ?? []), ...argv], { cwd: ctx.root, env, outputHandle: log.handle });
  } finally {
    log.close();
  }
}

async function waitForOwner(ctx: RunContext, pid: number): Promise<RunOwner> {
  const deadline = machineMs() + START_TIMEOUT_MS;
  const startTime = startTimeOf(pid);
  const watcher = watchFolder(ctx.paths.receipt);
  try {
    while (machineMs() < deadline) {
      const alive = startTime !== null && startTimeOf(pid) === startTime;
      const owner = currentOwner(ctx);
      if (owner.kind !== 'unclaimed' || !alive) return owner;
      await watcher.next(50, ctx.control.signal);
    }
    return { kind: 'unclaimed' };
  } finally {
    watcher.close();
  }
}
