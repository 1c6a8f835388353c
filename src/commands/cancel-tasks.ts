import { join } from 'node:path';
import { guardOriginal } from '../executors/original.ts';
import { executorOf } from '../executors/table.ts';
import { guardRun } from '../plan/guard.ts';
import { createExclusive, makeFolder } from '../platform/files.ts';
import { quoteArgv } from '../platform/quoting.ts';
import { now } from '../platform/time.ts';
import { canonicalFile } from '../records/canonical.ts';
import type { RunPaths } from '../records/paths.ts';
import type { TasksOrder } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import { taskCancelName, taskPaths } from '../records/tasks/task-files.ts';
import { type ActiveRun, findActive } from '../run/claim.ts';
import { viewOf, writeManifest } from '../run/context.ts';
import { acquireLease, type LaunchEnvironment, openRun, peekRun } from '../run/session.ts';
import { listTaskReceipts, readTaskExit, taskStateNow } from '../run/tasks/look.ts';
import { takenOverTasks } from '../run/tasks/reuse.ts';
import { newsOf, requestsOf } from '../sites/news.ts';
import type { Lost } from '../transports/transport.ts';
import { noRunToCancel } from './cancel.ts';
import { severalOpen } from './launch-refusals.ts';
import { type CommandResult, resultOfFailure, succeed } from './result.ts';
import { partsOfRun } from './run-result.ts';
import { driverOf } from './status.ts';
import { orderWith } from './tasks/which-task.ts';

/**
 * `autolab cancel --task N`: leaves a request beside the receipts, which whoever starts and follows the tasks looks for. The
 * run itself continues. Without a driver, this call takes the lease to end the tasks that run.
 */

const COMMAND = 'cancel';

export interface TaskToCancel {
  readonly index: number;
  /** `ended`: nothing is left to cancel. */
  readonly answer: 'asked' | 'asked before' | 'ended';
  /** The run that it is taken over from: nothing of it runs here, now or later. */
  readonly reused_from?: string;
}

export async function cancelTasks(
  env: LaunchEnvironment,
  indices: readonly number[],
  by: string,
): Promise<CommandResult> {
  const { root } = env;
  const active = findActive(root);
  if (active.kind === 'none') return resultOfFailure(COMMAND, noRunToCancel(root));
  if (active.kind === 'several') return resultOfFailure(COMMAND, severalOpen(active.runs));
  const peek = peekRun(root, active.run);
  if (peek.kind === 'corrupt') return resultOfFailure(COMMAND, peek.failure);
  if (peek.kind === 'unopened') return notYet(active.run);
  const order = orderWith(peek.view, indices);
  if ('code' in order) return resultOfFailure(COMMAND, order, partsOfRun(peek.view));
  const refused = guardRun(root, peek.paths) ?? guardOriginal(root, peek.view);
  if (refused !== null) return resultOfFailure(COMMAND, refused, partsOfRun(peek.view));
  // A driver fetches what is new, and carries the request on.
  const alone = driverOf(root) === 'nobody' && peek.view.job !== null && peek.view.closed === null;
  if (alone) await newsOf(peek.view.opened)?.(root, peek.view);
  const tasks = askFor(peek, order, [...new Set(indices)], by);
  const asked = tasks.filter(({ answer }) => answer !== 'ended').map(({ index }) => index);
  return answerOf(peek.view, tasks, alone && asked.length > 0 ? await tellAll(env, peek, asked) : null);
}

/** Without a driver: passes the requests on, and ends the tasks that run. Returns what is left to do. */
async function tellAll(
  env: LaunchEnvironment,
  { view, paths }: { readonly view: RunView; readonly paths: RunPaths },
  asked: readonly number[],
): Promise<readonly number[] | Lost | null> {
  return (await requestsOf(view)?.(env.root, view, asked)) ?? endWithoutDriver(env, paths, asked);
}

/** This call gives the orders that a driver would give. Returns the tasks that still lack one. */
async function endWithoutDriver(
  env: LaunchEnvironment,
  paths: RunPaths,
  asked: readonly number[],
): Promise<readonly number[]> {
  const leased = acquireLease(env, null);
  // Whoever has it is a driver, or another call like this one.
  if (!leased.ok) return asked;
  try {
    const opened = openRun(env, leased.value, paths, { detach: true, waitTimeoutMs: null });
    if (!opened.ok) return asked;
    const { closed, opened: data } = viewOf(opened.value);
    if (closed !== null) return [];
    const left = (await executorOf(data).endTasks?.(opened.value, asked)) ?? [];
    writeManifest(opened.value);
    return left;
  } finally {
    leased.value.release();
  }
}

function notYet({ runId }: ActiveRun): CommandResult {
  const message = `Run ${runId} was begun; nothing has started yet, and no task of it is known.`;
  return succeed(COMMAND, { message, hint: 'Continue: autolab launch' }, { run_id: runId });
}

function askFor(
  { view, paths }: { readonly view: RunView; readonly paths: RunPaths },
  order: TasksOrder,
  indices: readonly number[],
  by: string,
): readonly TaskToCancel[] {
  const { receipts } = taskPaths(paths);
  makeFolder(receipts);
  const seen = listTaskReceipts(receipts, order.count);
  const isOver = view.closed !== null;
  const taken = takenOverTasks(paths, order);
  return indices.map((index): TaskToCancel => {
    const earlier = taken.get(index);
    if (earlier !== undefined) return { index, answer: 'ended', reused_from: earlier.reused_from };
    const names = seen.get(index);
    const state = taskStateNow(names, names?.exited === true ? readTaskExit(receipts, index) : null);
    if (
      isOver ||
      !['waiting', 'running', 'cancelled'].includes(state) ||
      (state === 'cancelled' && names?.exited === true)
    )
      return { index, answer: 'ended' };
    const made = createExclusive(join(receipts, taskCancelName(index)), canonicalFile({ by, at: now() }));
    return { index, answer: made ? 'asked' : 'asked before' };
  });
}

/** `left`: what has still to be done, or why the request is known here alone; null if there is nothing of that. */
function answerOf(view: RunView, tasks: readonly TaskToCancel[], left: readonly number[] | Lost | null): CommandResult {
  const hint = `See what came of it: ${quoteArgv(['autolab', 'tasks', view.opened.run_id])}`;
  return succeed(
    COMMAND,
    { message: `${wordsOf(view.opened.run_id, tasks)}${leftWords(tasks, left)}`, hint },
    { ...partsOfRun(view), details: { tasks } },
  );
}

/** Pure. */
function leftWords(tasks: readonly TaskToCancel[], left: readonly number[] | Lost | null): string {
  if (left === null) return '';
  if ('words' in left)
    return ` The launch host does not answer (${left.words}). The request reaches it with the next call that follows the run: autolab resume.`;
  const words = named(tasks.filter(({ index }) => left.includes(index)));
  return words === '' ? '' : ` What runs of ${words} is ended by the next call that follows the run: autolab resume.`;
}

/** Pure. */
function wordsOf(runId: string, tasks: readonly TaskToCancel[]): string {
  const [asked, before, ended] = (['asked', 'asked before', 'ended'] as const).map((answer) =>
    named(tasks.filter((task) => task.answer === answer && task.reused_from === undefined)),
  );
  const earlier = new Set(tasks.flatMap(({ reused_from: run }) => run ?? []));
  const takenOver = [...earlier].map((run) => {
    const own = tasks.filter(({ reused_from: from }) => from === run);
    const words = own.length === 1 ? 'it is not run again' : 'they are not run again';
    return `Taken over from run ${run}: ${named(own)}; ${words}, so there is nothing to cancel.`;
  });
  return [
    ...(asked === '' ? [] : [`Asked run ${runId} to cancel ${asked ?? ''}; the run continues.`]),
    ...(before === '' ? [] : [`It was asked to cancel ${before ?? ''} before.`]),
    ...(ended === '' ? [] : [`Ended already: ${ended ?? ''}.`]),
    ...takenOver,
  ].join(' ');
}

function named(tasks: readonly TaskToCancel[]): string {
  const indices = tasks.map(({ index }) => index).join(', ');
  return tasks.length === 0 ? '' : `${tasks.length === 1 ? 'task' : 'tasks'} ${indices}`;
}
