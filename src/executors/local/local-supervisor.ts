import { join } from 'node:path';
import { openForAppend, readTextOrNull } from '../../platform/files.ts';
import { startTimeOf } from '../../platform/host.ts';
import { packageInfo } from '../../platform/package.ts';
import { spawnDetached } from '../../platform/process.ts';
import { monotonicMs } from '../../platform/time.ts';
import { watchFolder } from '../../platform/watch.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepFailed } from '../../run/step.ts';
import { takeTombstone } from '../../run/tombstone.ts';
import { ORDER_FILE } from '../../schedulers/local/receipt.ts';
import { ownerOf, type RunOwner, type TakenBy } from './run-owner.ts';

/** Starting the supervisor of a local run. Any number may be started: the claim in `receipt/` picks one. */

const MAX_STARTS = 3;
const START_TIMEOUT_MS = 30_000;

/** Ensures that exactly one supervisor owns the run, or that none ever will. */
export async function startSupervisor(ctx: RunContext): Promise<TakenBy | StepFailed> {
  for (let start = 0; start < MAX_STARTS; start += 1) {
    const owner = currentOwner(ctx);
    if (owner.kind !== 'unclaimed') return owner;
    const pid = await spawnSupervisor(ctx);
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

async function spawnSupervisor(ctx: RunContext): Promise<number | null> {
  ctx.lease.assertHeld();
  const log = openForAppend(ctx.paths.supervisorLog);
  try {
    return await spawnDetached(
      [process.execPath, join(packageInfo().folder, 'dist', 'supervisor.js'), join(ctx.paths.receipt, ORDER_FILE)],
      {
        cwd: ctx.root,
        env: process.env,
        outputHandle: log.handle,
      },
    );
  } finally {
    log.close();
  }
}

async function waitForOwner(ctx: RunContext, pid: number): Promise<RunOwner> {
  const deadline = monotonicMs() + START_TIMEOUT_MS;
  const startTime = startTimeOf(pid);
  const watcher = watchFolder(ctx.paths.receipt);
  try {
    while (monotonicMs() < deadline) {
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
