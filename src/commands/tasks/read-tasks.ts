import { join } from 'node:path';
import { type Failure, failureOf, ok, type Result } from '../../errors/failure.ts';
import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import type { RunView } from '../../records/run-view.ts';
import { parseTaskResults, type TaskEnd } from '../../records/tasks/task-end.ts';
import { taskClaimName, taskPaths } from '../../records/tasks/task-files.ts';
import type { Task } from '../../records/tasks/task-list.ts';
import { parseTaskClaim, type TaskClaim, type TaskExit } from '../../records/tasks/task-receipt.ts';
import { endsRecorded } from '../../run/tasks/ends.ts';
import { readTaskList } from '../../run/tasks/list.ts';
import { listTaskReceipts, readTaskExit, type TaskReceipts, taskStateNow } from '../../run/tasks/look.ts';
import { takenOverTasks } from '../../run/tasks/reuse.ts';
import type { UnmeasuredTask } from './task-row.ts';

/** The tasks of a run: from the record of one that is closed, from the receipts of one that is open. */

export interface RunWithTasks {
  readonly view: RunView;
  readonly paths: RunPaths;
}

export function readUnmeasuredTasks(run: RunWithTasks, order: TasksOrder): Result<readonly UnmeasuredTask[]> {
  const recorded = run.view.closed?.tasks;
  if (recorded !== undefined) return readRecorded(run, recorded.sha256);
  const list = readTaskList(run.paths, order);
  if (list === null) return unreadable(run, 'tasks.jsonl');
  const ends = endsRecorded(run.view, run.paths);
  return ok(ends === null ? fromReceipts(run, order, list) : fromEnds(run, order, list, ends));
}

function unreadable({ paths, view }: RunWithTasks, file: string): { readonly ok: false; readonly failure: Failure } {
  const message = `${paths.relative}/${file} is missing, or is not what the journal says.`;
  const hint = `See what else differs: autolab verify ${view.opened.run_id}`;
  return { ok: false, failure: failureOf('tasks.unreadable', { message, hint }) };
}

function readRecorded(run: RunWithTasks, digest: string): Result<readonly UnmeasuredTask[]> {
  const text = readTextOrNull(taskPaths(run.paths).results);
  const results = text === null || sha256(text) !== digest ? null : parseTaskResults(text);
  if (results === null) return unreadable(run, 'tasks_result.jsonl');
  return ok(results);
}

function fromEnds(
  { paths }: RunWithTasks,
  order: TasksOrder,
  list: readonly Task[],
  ends: readonly TaskEnd[],
): readonly UnmeasuredTask[] {
  const taken = takenOverTasks(paths, order);
  return ends.map((end) => ({
    ...end,
    params: list[end.index]?.params ?? {},
    artifacts: null,
    reused_from: taken.get(end.index)?.reused_from ?? null,
  }));
}

function fromReceipts({ paths }: RunWithTasks, order: TasksOrder, list: readonly Task[]): readonly UnmeasuredTask[] {
  const { receipts } = taskPaths(paths);
  const seen = listTaskReceipts(receipts, order.count);
  return list.map((task) => factsNow(receipts, task, seen.get(task.index)));
}

/** No code yet: the step that sees the end gives it one. */
function factsNow(receipts: string, { index, params }: Task, names: TaskReceipts | undefined): UnmeasuredTask {
  const attempt = names?.attempt ?? null;
  const exit = names?.exited === true ? readTaskExit(receipts, index) : null;
  const claim = attempt === null ? null : claimOf(receipts, index, attempt);
  const state = taskStateNow(names, exit);
  return {
    ...{ index, params, state, code: null, attempts: attempt === null ? 0 : attempt + 1 },
    ...(claim === null ? UNCLAIMED : factsOfClaim(claim)),
    ...(exit === null || state === 'running' ? NO_END : factsOfExit(exit)),
    started_at: exit?.started_at ?? claim?.claimed_at ?? null,
  };
}

const UNCLAIMED = { owner: null, node: null, reused_from: null };

function factsOfClaim(claim: TaskClaim): Pick<UnmeasuredTask, 'owner' | 'node' | 'reused_from'> {
  return { owner: ownerOf(claim), node: claim.node, reused_from: claim.run_id ?? null };
}

const NO_END = {
  artifacts: null,
  ...{ message: null, exit_code: null, signal: null, ended_at: null },
  ...{ wall_seconds: null, cpu_seconds: null, max_rss_bytes: null },
};

function factsOfExit({
  start_error,
  exit_code,
  signal,
  ended_at,
  ...used
}: TaskExit): Pick<UnmeasuredTask, keyof typeof NO_END> {
  const { wall_seconds, cpu_seconds, max_rss_bytes } = used;
  return {
    artifacts: null,
    message: start_error,
    exit_code,
    signal,
    ended_at,
    wall_seconds,
    cpu_seconds,
    max_rss_bytes,
  };
}

function claimOf(receipts: string, index: number, attempt: number): TaskClaim | null {
  return parseTaskClaim(readTextOrNull(join(receipts, taskClaimName(index, attempt))));
}

function ownerOf(claim: TaskClaim): string | null {
  if (claim.kind === 'reused') return null;
  return claim.kind === 'supervisor' ? 'local' : `${claim.array_job_id ?? '?'}_${claim.array_task_id ?? '?'}`;
}
