import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunPaths } from '../../../../src/records/paths.ts';
import { cancelRequest, noteCancel } from '../../../../src/run/cancel-request.ts';
import { type RunContext, viewOf } from '../../../../src/run/context.ts';
import { never, noIntent, type Step, type StepEnd } from '../../../../src/run/step.ts';
import { takeTombstone } from '../../../../src/run/tombstone.ts';

/** The only step of the executor: whoever makes `receipt/claim` starts the script, and leaves `receipt/exit.json`. */

export const STEP = 'detached';

const STARTER = `set -C
echo "$$" 2>/dev/null > "$AUTOLAB_RUN_DIR/receipt/claim" || exit 0
set +C
bash "$1" > "$AUTOLAB_RUN_DIR/logs/stdout.log" 2> "$AUTOLAB_RUN_DIR/logs/stderr.log"
echo "{\\"exit_code\\": $?}" > "$AUTOLAB_RUN_DIR/receipt/exit.part"
mv "$AUTOLAB_RUN_DIR/receipt/exit.part" "$AUTOLAB_RUN_DIR/receipt/exit.json"`;

export const run: Step = { name: STEP, skip: never, intent: noIntent, run: carryOut, reconcile: carryOut };

/** The process that runs the script, or the tombstone; null if the run is not claimed yet. */
export function claimOf(paths: RunPaths): number | 'tombstone' | null {
  const text = textOf(join(paths.receipt, 'claim'));
  // The starter makes the file before it writes into it.
  if (text === null || text === '') return null;
  return /^\d+\n$/.test(text) ? Number(text) : 'tombstone';
}

export function endOf(paths: RunPaths): number | null {
  const text = textOf(join(paths.receipt, 'exit.json'));
  return text === null ? null : (JSON.parse(text) as { exit_code: number }).exit_code;
}

export function isAlive(pid: number): boolean {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat !== null && stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
}

async function carryOut(ctx: RunContext): Promise<StepEnd> {
  ctx.lease.assertHeld();
  const early = cancelRequest(ctx);
  if (early !== null) noteCancel(ctx, STEP, early);
  if (early !== null) takeTombstone(ctx);
  if (claimOf(ctx.paths) === null) start(ctx);
  for (;;) {
    const claim = claimOf(ctx.paths);
    const status = endOf(ctx.paths);
    if (claim === 'tombstone') return failed(early === null ? 'local.start_failed' : 'run.cancelled', 'Not started.');
    if (status !== null) return ended(ctx, status);
    const by = cancelRequest(ctx);
    if (by !== null && claim !== null) {
      noteCancel(ctx, STEP, by);
      stop(claim);
    } else if (ctx.options.detach && claim !== null)
      return { kind: 'paused', code: 'run.submitted', message: 'It is running in the background.' };
    if (claim !== null && by === null && !isAlive(claim)) return failed('local.lost', 'Its process is gone.');
    ctx.lease.assertHeld();
    await sleep(20);
  }
}

function start(ctx: RunContext): void {
  const { opened } = viewOf(ctx);
  mkdirSync(ctx.paths.logs, { recursive: true });
  const sink = openSync('/dev/null', 'w');
  const script = join(ctx.paths.receipt, 'run_local.sh');
  const child = spawn('bash', ['-c', STARTER, 'detached', script], {
    detached: true,
    stdio: ['ignore', sink, sink],
    env: {
      ...process.env,
      AUTOLAB_RUN_ID: opened.run_id,
      AUTOLAB_ITERATION_ID: opened.iteration_id,
      AUTOLAB_RUN_DIR: ctx.paths.folder,
      AUTOLAB_REPO_ROOT: ctx.root,
      AUTOLAB_SCRATCH: opened.scratch,
    },
  });
  child.unref();
  closeSync(sink);
}

function ended(ctx: RunContext, status: number): StepEnd {
  if (viewOf(ctx).cancel !== null) return failed('run.cancelled', 'The run was cancelled.');
  if (status !== 0) return failed('local.failed', `The entrypoint ended with exit code ${status}.`);
  return { kind: 'done', message: 'exit code 0' };
}

function failed(
  code: 'run.cancelled' | 'local.failed' | 'local.lost' | 'local.start_failed',
  message: string,
): StepEnd {
  return { kind: 'failed', code, retryable: false, message };
}

/** The starter is told to wait for its end: it writes the receipt. */
function stop(pid: number): void {
  for (const child of (textOf(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter((word) => word !== ''))
    process.kill(Number(child), 'SIGTERM');
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
