import { join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import { listNames, lstatOrNull, readTextOrNull, writeFileIfChanged } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { artifactsOf, keptWhole } from '../../records/projection-sync.ts';
import type { RunView } from '../../records/run-view.ts';
import { endsLeft } from '../../records/tasks/left-ends.ts';
import { formatTaskLines, type TaskEnd, type TaskResult } from '../../records/tasks/task-end.ts';
import { receiptNameOf, taskClaimName, taskPaths } from '../../records/tasks/task-files.ts';
import { parseTaskClaim } from '../../records/tasks/task-receipt.ts';
import { composeTaskResults } from '../../records/tasks/task-results.ts';
import { type TasksResult, tasksResult } from '../../records/tasks/task-summary.ts';
import { type RunContext, viewOf } from '../context.ts';
import { readTaskEnds } from './ends.ts';
import { readTaskList } from './list.ts';
import { readTaskExit, readTaskReceipt, readTaskStart } from './look.ts';
import { takenOverTasks, withTakenOver } from './reuse.ts';

/** Writes `tasks_result.jsonl`, when nothing of the run can change any more. */

export interface RecordedTasks {
  readonly results: readonly TaskResult[];
  readonly summary: TasksResult;
}

/** Null if the run has one task. May be repeated: a driver that died before the journal's last line leaves the same. */
export function recordTaskResults(ctx: RunContext): RecordedTasks | null {
  const results = composedResults(ctx);
  if (results === null) return null;
  const text = formatTaskLines(results);
  ctx.lease.assertHeld();
  writeFileIfChanged(taskPaths(ctx.paths).results, text);
  crashPoint('close.tasks_result_written');
  return { results, summary: tasksResult(sha256(text), results) };
}

/** By what is here now; null if the run has one task. */
export function composedResults(ctx: RunContext): readonly TaskResult[] | null {
  const view = viewOf(ctx);
  const { tasks: order, artifacts: declared } = view.opened;
  if (order === undefined) return null;
  const taken = takenOverTasks(ctx.paths, order);
  return composeTaskResults({
    ends: readTaskEnds(ctx) ?? withTakenOver(leftEnds(ctx, order.count), taken),
    tasks: readTaskList(ctx.paths, order),
    declared,
    outputs: outputsOf(ctx, view),
    whole: keptWhole(view),
    bytesOf: (path) => lstatOrNull(join(ctx.paths.folder, path))?.size ?? 0,
    reusedFrom: (index) => taken.get(index)?.reused_from ?? null,
  });
}

/** Null if nothing was listed, or the list is not the one that was recorded. */
function outputsOf({ paths }: RunContext, view: RunView): string | null {
  const record = artifactsOf(view);
  const text = readTextOrNull(paths.artifacts);
  return record === null || text === null || sha256(text) !== record.sha256 ? null : text;
}

/** No step has seen their end, as of a run that never began or was abandoned. */
function leftEnds(ctx: RunContext, count: number): readonly TaskEnd[] {
  const view = viewOf(ctx);
  const { receipts } = taskPaths(ctx.paths);
  const mode = view.opened.remote?.mode ?? 'shared_fs';
  const neverBegan = view.started === null && view.job === null;
  return endsLeft({
    count,
    names: listNames(receipts).flatMap((name) => receiptNameOf(name) ?? []),
    exitOf: (index) => readTaskExit(receipts, index),
    claimOf: (index, attempt) => parseTaskClaim(readTaskReceipt(receipts, taskClaimName(index, attempt))),
    startOf: (index) => readTaskStart(receipts, index),
    executor: view.opened.launch_mode,
    areHere: neverBegan || mode === 'shared_fs' || artifactsOf(view) !== null,
  });
}
