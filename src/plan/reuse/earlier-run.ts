import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { RunPaths } from '../../records/paths.ts';
import { artifactsOf } from '../../records/projection-sync.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import type { RunView } from '../../records/run-view.ts';
import { parseTaskResults, type TaskResult } from '../../records/tasks/task-end.ts';
import { taskPaths } from '../../records/tasks/task-files.ts';
import { listRuns } from '../../run/claim.ts';
import { peekRun } from '../../run/session.ts';

/** The run from which `launch --failed-only` takes tasks over. */

export interface EarlierRun {
  readonly view: RunView;
  readonly paths: RunPaths;
  readonly order: TasksOrder;
  /** Null if the record of its tasks is gone, or was changed. */
  readonly results: readonly TaskResult[] | null;
  /** Of its `artifacts.sha256`; null if its outputs were not listed. */
  readonly artifacts: string | null;
}

/** The last run of the iteration that has tasks and ended; of several, the last in which one completed. Null if there is none. */
export function lastRunWithTasks(root: string, iterationId: string): EarlierRun | null {
  const ended = listRuns(root)
    .filter((run) => run.iterationId === iterationId)
    .flatMap((run) => {
      const peek = peekRun(root, run);
      return peek.kind === 'run' && peek.view.closed?.tasks !== undefined ? [peek] : [];
    })
    .toSorted((a, b) => (a.view.opened.prepared_at < b.view.opened.prepared_at ? 1 : -1));
  const chosen = ended.find(({ view }) => (view.closed?.tasks?.by_state['completed'] ?? 0) > 0) ?? ended[0];
  const order = chosen?.view.opened.tasks;
  if (chosen === undefined || order === undefined) return null;
  const { view, paths } = chosen;
  return { view, paths, order, results: resultsOf(view, paths), artifacts: artifactsOf(view)?.sha256 ?? null };
}

function resultsOf({ closed }: RunView, paths: RunPaths): readonly TaskResult[] | null {
  const text = readTextOrNull(taskPaths(paths).results);
  return text === null || sha256(text) !== closed?.tasks?.sha256 ? null : parseTaskResults(text);
}
