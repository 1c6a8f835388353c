import { type Failure, failureOf, ok, type Result } from '../../errors/failure.ts';
import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { canonicalLine } from '../../records/canonical.ts';
import type { OpenedData, TasksReuse } from '../../records/run-data.ts';
import { resultOf } from '../../records/run-view.ts';
import type { TaskResult } from '../../records/tasks/task-end.ts';
import type { Task } from '../../records/tasks/task-list.ts';
import { formatReusedTasks, type ReusedTask } from '../../records/tasks/task-reuse.ts';
import { recordedOutputs, tasksAsRecorded } from '../../run/tasks/earlier-outputs.ts';
import type { Look } from '../look.ts';
import { type ComparedLaunch, launchDifferences } from './differences.ts';
import { type EarlierRun, lastRunWithTasks } from './earlier-run.ts';

/** `launch --failed-only`: which tasks of an earlier run a new one takes over. Reads, and writes nothing. */

export interface PlannedReuse {
  readonly reuse: TasksReuse;
  /** The text of `tasks_reused.jsonl`. */
  readonly list: string;
}

/** `opened`: the run as it would be without. */
export async function planReuse(root: string, look: Look, opened: OpenedData): Promise<Result<PlannedReuse>> {
  const tasks = look.tasks.list?.tasks ?? null;
  if (tasks === null || opened.tasks === undefined) return refused('tasks.none');
  const earlier = lastRunWithTasks(root, opened.iteration_id);
  if (earlier === null) return refused('tasks.no_earlier_run');
  const { run_id: runId } = earlier.view.opened;
  const differences = differencesFrom(earlier, opened, look);
  if (differences.length > 0)
    return nothing(`Nothing of run ${runId} is taken over, because this is different now: ${differences.join('; ')}.`);
  const found = await reusable(earlier, tasks);
  if ('code' in found) return { ok: false, failure: found };
  const { taken, changed } = found;
  if (taken.length === tasks.length)
    return refused(
      'tasks.all_completed',
      `All ${tasks.length} tasks completed in run ${runId}, and their outputs are there.`,
    );
  if (taken.length === 0)
    return nothing(
      `No task of run ${runId} can be taken over: ${changed === 0 ? 'none of these completed' : 'their outputs were changed'}.`,
    );
  const list = formatReusedTasks(taken);
  return ok({ list, reuse: reuseFrom(earlier, { count: taken.length, sha256: sha256(list), changed }) });
}

function refused(code: 'tasks.none' | 'tasks.no_earlier_run' | 'tasks.all_completed', message?: string): Result<never> {
  return { ok: false, failure: failureOf(code, message === undefined ? {} : { message }) };
}

function nothing(message: string): Result<never> {
  return { ok: false, failure: failureOf('tasks.nothing_to_reuse', { message }) };
}

function differencesFrom({ view, paths }: EarlierRun, opened: OpenedData, { code }: Look): readonly string[] {
  const before: ComparedLaunch = {
    opened: view.opened,
    code: resultOf(view, 'record-code')?.code_digest ?? null,
    listing: readTextOrNull(paths.codeSums),
  };
  return launchDifferences(before, {
    opened,
    code: code.listing?.codeDigest ?? null,
    listing: code.listing?.text ?? null,
  });
}

interface Reusable {
  readonly taken: readonly ReusedTask[];
  /** Tasks that completed, but whose outputs are not as recorded. */
  readonly changed: number;
}

/** By their parameters: their indices may be others. */
async function reusable(
  { view, paths, results, artifacts }: EarlierRun,
  tasks: readonly Task[],
): Promise<Reusable | Failure> {
  const outputs = artifacts === null ? null : recordedOutputs(paths, artifacts);
  if (results === null || outputs === null)
    return failureOf('tasks.nothing_to_reuse', {
      message: `No task of run ${view.opened.run_id} can be taken over: ${paths.relative}/${results === null ? 'tasks_result.jsonl' : 'artifacts.sha256'} is missing, or was changed.`,
    });
  const completed = new Map(
    results.filter(({ state }) => state === 'completed').map((result) => [canonicalLine(result.params), result]),
  );
  const wanted = tasks.flatMap(({ index, params }) => {
    const result = completed.get(canonicalLine(params));
    return result === undefined ? [] : [reusedTask(index, result, view.opened.run_id)];
  });
  const same = await tasksAsRecorded(paths.folder, wanted, outputs, (path) => path);
  return { taken: wanted.filter((task) => same.has(task)), changed: wanted.length - same.size };
}

/** Pure. */
function reusedTask(index: number, result: TaskResult, runId: string): ReusedTask {
  const { index: from_index, artifacts, reused_from } = result;
  return { index, from_index, reused_from: reused_from ?? runId, end: endOf(result), artifacts };
}

function endOf({
  state,
  code,
  message,
  attempts,
  owner,
  node,
  exit_code,
  signal,
  ...others
}: TaskResult): ReusedTask['end'] {
  const { started_at, ended_at, wall_seconds, cpu_seconds, max_rss_bytes } = others;
  return {
    ...{ state, code, message, attempts, owner, node, exit_code, signal },
    ...{ started_at, ended_at, wall_seconds, cpu_seconds, max_rss_bytes },
  };
}

/** Pure. */
function reuseFrom(
  { view, artifacts }: EarlierRun,
  { count, sha256: digest, changed }: { readonly count: number; readonly sha256: string; readonly changed: number },
): TasksReuse {
  return {
    run_id: view.opened.run_id,
    count,
    sha256: digest,
    artifacts_sha256: artifacts ?? '',
    code_sha256: resultOf(view, 'record-code')?.code_digest ?? '',
    environment_fingerprint: view.observed?.environment?.fingerprint ?? null,
    differences:
      changed === 0 ? [] : [`the outputs of ${changed} completed ${changed === 1 ? 'task' : 'tasks'} were changed`],
  };
}
