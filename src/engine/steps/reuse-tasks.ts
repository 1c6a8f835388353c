import { join } from 'node:path';
import { linkOrCopy } from '../../platform/copy.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { createExclusive, makeFolder, removeFolder, removeIfThere, writeFileAtomic } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import { canonicalLine } from '../../records/canonical.ts';
import { runPaths } from '../../records/paths.ts';
import type { TasksReuse } from '../../records/run-data.ts';
import { taskClaimName, taskExitName, taskFolder, taskPaths } from '../../records/tasks/task-files.ts';
import type { TaskClaim, TaskExit } from '../../records/tasks/task-receipt.ts';
import { type ReusedTask, TASKS_REUSED_FILE } from '../../records/tasks/task-reuse.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { never, noIntent, repeatable, type StepEnd } from '../../run/step.ts';
import { movedPath, type OutputsByTask, recordedOutputs, tasksAsRecorded } from '../../run/tasks/earlier-outputs.ts';
import { isTakenOver, readReusedTasks } from '../../run/tasks/reuse.ts';

/**
 * Takes over what an earlier run completed: outputs first, then their digests, then the receipts, the claim last. Until a
 * task has its claim it is as if nothing had been done; with it, nothing starts the task. Nothing has been started yet.
 */
export const reuseTasks = repeatable({
  name: 'reuse-tasks',
  skip: never,
  intent: noIntent,
  run: async (ctx): Promise<StepEnd> => {
    ctx.lease.assertHeld();
    const { tasks: order, iteration_id: iterationId } = viewOf(ctx).opened;
    const reuse = order?.reuse;
    if (order === undefined || reuse === undefined) throw new Error('the run takes over no tasks');
    const wanted = readReusedTasks(ctx.paths, order);
    if (wanted === null) return listChanged(ctx.paths.relative);
    const from = runPaths(ctx.root, iterationId, reuse.run_id);
    const taken = await takeOver(ctx, wanted, from.folder, recordedOutputs(from, reuse.artifacts_sha256));
    const message = wordsOf(reuse, taken, order.count);
    ctx.emit({ type: 'note', message });
    return { kind: 'done', message, writes: [], result: { taken, again: wanted.length - taken } };
  },
});

function listChanged(run: string): StepEnd {
  const message = `${run}/${TASKS_REUSED_FILE}, the list of the tasks that are taken over, has changed.`;
  return { kind: 'failed', code: 'tasks.changed', retryable: false, message };
}

function wordsOf({ run_id: runId, count }: TasksReuse, taken: number, of: number): string {
  const again = count - taken;
  const words = again === 0 ? '' : ` The outputs of ${again} more were changed meanwhile; these run again.`;
  return `${taken} of ${of} tasks are taken over from run ${runId}; ${of - taken} run.${words}`;
}

/** Tasks whose outputs are linked and compared at once. */
const MOST_AT_ONCE = 200;

/** `outputs`: null if their list is gone. Returns how many were taken over. */
async function takeOver(
  ctx: RunContext,
  wanted: readonly ReusedTask[],
  from: string,
  outputs: OutputsByTask | null,
): Promise<number> {
  const { receipts } = taskPaths(ctx.paths);
  makeFolder(receipts);
  const open = wanted.filter(({ index }) => !isTakenOver(receipts, index));
  let taken = wanted.length - open.length;
  for (let at = 0; at < open.length; at += MOST_AT_ONCE) {
    const some = open.slice(at, at + MOST_AT_ONCE);
    for (const task of some) linkOutputs(ctx, task, from, outputs);
    const same = outputs === null ? new Set() : await tasksAsRecorded(ctx.paths.folder, some, outputs, movedPath);
    ctx.lease.assertHeld();
    for (const task of some) {
      if (same.has(task)) writeReceipts(receipts, task);
      else leaveToRun(ctx, receipts, task);
    }
    taken += same.size;
  }
  return taken;
}

function linkOutputs(ctx: RunContext, task: ReusedTask, from: string, outputs: OutputsByTask | null): void {
  const folder = join(ctx.paths.folder, taskFolder(task.index));
  // What a driver that was killed had linked of it.
  removeFolder(folder);
  makeFolder(folder);
  // What cannot be linked is missing when it is compared.
  for (const { path } of outputs?.get(task.from_index) ?? [])
    linkOrCopy(join(from, path), join(ctx.paths.folder, movedPath(path, task)));
  crashPoint('reuse.linked');
}

function writeReceipts(receipts: string, { index, end, reused_from: runId }: ReusedTask): void {
  const exit: TaskExit = {
    ...{ attempt: 0, exit_code: end.exit_code ?? 0, signal: null, ended_by: null, start_error: null },
    ...{ started_at: end.started_at, ended_at: end.ended_at ?? now(), wall_seconds: end.wall_seconds ?? 0 },
    ...{ cpu_seconds: end.cpu_seconds, max_rss_bytes: end.max_rss_bytes, oom: null },
  };
  writeFileAtomic(join(receipts, taskExitName(index)), `${canonicalLine(exit)}\n`);
  crashPoint('reuse.exit_written');
  const claim: TaskClaim = { kind: 'reused', node: end.node ?? '', claimed_at: now(), run_id: runId };
  createExclusive(join(receipts, taskClaimName(index, 0)), `${canonicalLine(claim)}\n`);
  crashPoint('reuse.claimed');
}

/** Its outputs changed after the launch compared them. */
function leaveToRun(ctx: RunContext, receipts: string, { index }: ReusedTask): void {
  removeIfThere(join(receipts, taskExitName(index)));
  removeFolder(join(ctx.paths.folder, taskFolder(index)));
}
