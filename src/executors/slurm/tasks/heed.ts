import { crashPoint } from '../../../platform/crash-points.ts';
import { monotonicMs, now } from '../../../platform/time.ts';
import type { StopReason } from '../../../records/journal-events.ts';
import { allOf } from '../../../records/journal-events.ts';
import { RECEIPTS_FOLDER, STOP_FILE } from '../../../records/tasks/task-files.ts';
import { cancelRequest, noteCancel } from '../../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../../run/context.ts';
import { arraysArgv, judgeArrays } from '../../../schedulers/slurm/arrays/array-queue.ts';
import { scancelArgv, scancelElementsArgv, scancelWaitingArgv } from '../../../schedulers/slurm/scontrol.ts';
import { folderOfRun } from '../../../sites/table.ts';
import { jobIdOf, jobNameOf, keyOf, marksOfJob } from '../order.ts';
import { noteOrder } from '../orders.ts';
import { ask, keepAnswer, noteRead } from '../scheduler.ts';
import { elementOfTask } from './chunks.ts';
import type { TaskLook } from './task-news.ts';
import { tasksOrderOf } from './tasks-on-slurm.ts';

/** What ends tasks before their own end: requests of the user, and too many failures. First the file, then the journal, then the order. */

/** Orders that one driver has sent: which, and when again if they were not heard. */
export interface Sent {
  /** Tasks whose element was cancelled. */
  readonly tasks: Set<number>;
  /** On the monotonic clock, by array and kind. */
  readonly again: Map<string, number>;
}

export const newSent = (): Sent => ({ tasks: new Set(), again: new Map() });

const AGAIN_MS = 60_000;
const UNHEARD_AGAIN_MS = 10_000;
/** Elements in one command. */
const MOST_AT_ONCE = 500;

/** Returns whether something was ordered: then the queue is asked soon. */
export async function heedRequests(ctx: RunContext, step: string, look: TaskLook, sent: Sent): Promise<boolean> {
  const by = cancelRequest(ctx);
  if (by !== null) {
    noteCancel(ctx, step, by);
    if (!(await stop(ctx, step, 'cancelled', `asked by ${by}`))) return false;
    return cancelArrays(ctx, step, sent, true);
  }
  const most = tasksOrderOf(ctx).max_failures;
  if (most !== null && look.failed.size >= most) {
    if (!(await stop(ctx, step, 'max_failures', `${look.failed.size} tasks failed`))) return false;
    return cancelArrays(ctx, step, sent, false);
  }
  if (viewOf(ctx).stopped !== null) return cancelArrays(ctx, step, sent, false);
  return cancelTasks(ctx, step, look, sent);
}

/**
 * The orders for single tasks alone, of a call that does not follow the run. Returns those of `asked` that were not ordered;
 * workers look for requests themselves.
 */
export async function endTasks(ctx: RunContext, asked: readonly number[]): Promise<readonly number[]> {
  const view = viewOf(ctx);
  if (tasksOrderOf(ctx).workers !== null) return [];
  if (view.steps.get('wait')?.pending !== true || view.stopped !== null || cancelRequest(ctx) !== null) return asked;
  const sent = newSent();
  await cancelTasks(ctx, 'wait', { cancelled: asked }, sent);
  return asked.filter((task) => !sent.tasks.has(task) && elementOfTask(view, task) !== null);
}

/** Returns whether no task begins any more. */
async function stop(ctx: RunContext, step: string, why: StopReason, words: string): Promise<boolean> {
  const before = viewOf(ctx).stopped;
  if (before !== null) return true;
  ctx.lease.assertHeld();
  const text = `${JSON.stringify({ why, at: now() })}\n`;
  // Beside the receipts of the run, where its elements look for it.
  const placed = await folderOfRun(ctx).placeOnce(`../${RECEIPTS_FOLDER}/${STOP_FILE}`, text);
  if (placed.kind === 'unknown') return false;
  ctx.journal.append(step, 'tasks.stopped', { why });
  ctx.emit({ type: 'note', message: `No more tasks are started: ${words}.` });
  return true;
}

/** `all`: also what runs. */
async function cancelArrays(ctx: RunContext, step: string, { again }: Sent, all: boolean): Promise<boolean> {
  let ordered = false;
  for (const { index, job } of viewOf(ctx).chunks) {
    if (job === null) continue;
    const key = `${index} ${String(all)}`;
    if (monotonicMs() < (again.get(key) ?? 0)) continue;
    const name = jobNameOf(ctx, index);
    const argv = all ? scancelArgv(job.job_id, name) : scancelWaitingArgv(job.job_id, name);
    again.set(key, monotonicMs() + ((await order(ctx, step, job.job_id, argv)) ? AGAIN_MS : UNHEARD_AGAIN_MS));
    ordered = true;
  }
  return ordered;
}

async function cancelTasks(
  ctx: RunContext,
  step: string,
  look: Pick<TaskLook, 'cancelled'>,
  { tasks, again }: Sent,
): Promise<boolean> {
  const known = new Set(allOf(ctx.journal.entries, 'tasks.cancelled').flatMap(({ data }) => data.indices));
  const fresh = look.cancelled.filter((task) => !known.has(task));
  if (fresh.length > 0) {
    if (monotonicMs() < (again.get('carry') ?? 0)) return false;
    ctx.lease.assertHeld();
    if ((await folderOfRun(ctx).carryRequests(fresh)) !== null) {
      again.set('carry', monotonicMs() + UNHEARD_AGAIN_MS);
      return false;
    }
    crashPoint('cancel.carried');
    ctx.journal.append(step, 'tasks.cancelled', { indices: fresh });
    ctx.emit({ type: 'note', message: `Cancelling ${fresh.length === 1 ? 'task' : 'tasks'} ${fresh.join(', ')}.` });
  }
  if (monotonicMs() < (again.get('tasks') ?? 0)) return false;
  const wanted = look.cancelled.filter((task) => !tasks.has(task)).slice(0, MOST_AT_ONCE);
  let ordered = false;
  for (const { index } of viewOf(ctx).chunks) {
    const ours = wanted.flatMap((task) => {
      const found = elementOfTask(viewOf(ctx), task);
      return found?.chunk === index ? [found.element] : [];
    });
    if (ours.length === 0) continue;
    if (await cancelElements(ctx, step, index, ours)) {
      for (const task of wanted) if (elementOfTask(viewOf(ctx), task)?.chunk === index) tasks.add(task);
    } else again.set('tasks', monotonicMs() + UNHEARD_AGAIN_MS);
    ordered = true;
  }
  return ordered;
}

/**
 * An order for elements goes by the id alone: the queue has to say a moment before that it is still our array's. Returns false
 * if it is to be repeated.
 */
async function cancelElements(
  ctx: RunContext,
  step: string,
  chunk: number,
  elements: readonly number[],
): Promise<boolean> {
  const arrayId = jobIdOf(ctx, chunk);
  const names = [keyOf(ctx, chunk), jobNameOf(ctx, chunk)];
  const result = await ask(ctx, arraysArgv(names));
  keepAnswer(ctx, 'squeue.cancel.txt', result);
  const answer = judgeArrays(result, { names, chdir: marksOfJob(ctx).chdir });
  const found = answer.kind === 'listed' && answer.lines.some((line) => line.arrayId === arrayId);
  noteRead(ctx, step, { command: 'squeue', answer: `array ${arrayId}: ${found ? 'ours' : 'not in the queue'}` });
  if (!found) return answer.kind === 'listed';
  return order(ctx, step, arrayId, scancelElementsArgv(arrayId, elements));
}

/** Returns false if it may not have arrived. `scancel` complains about elements that have ended: there is nothing to cancel. */
async function order(ctx: RunContext, step: string, arrayId: string, argv: readonly string[]): Promise<boolean> {
  ctx.lease.assertHeld();
  const result = await ask(ctx, argv);
  keepAnswer(ctx, `scancel.${arrayId}.txt`, result);
  return noteOrder(ctx, step, { order: 'cancel', jobId: arrayId }, result) !== 'unknown';
}
