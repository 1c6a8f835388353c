import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { ChecksumEntry } from '../../records/checksums.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import type { RunPaths } from '../../records/paths.ts';
import { parseTaskResults, type TaskResult } from '../../records/tasks/task-end.ts';
import { taskPaths } from '../../records/tasks/task-files.ts';
import { type MeasuredTasks, measureTasks, type ValuedTask } from '../../workflow/results/measured-tasks.ts';
import { readTaskMetrics, type TaskMetrics } from '../../workflow/results/task-metrics.ts';
import { comparedMetrics, declaredNames, type FinalMetric, METRICS_FILE } from '../final-metrics.ts';

/** Of metrics, if none are declared. */
const MOST_NAMES = 40;

/** What came of the tasks of a closed run, and what they measured: from the files that its record vouches for. */

export interface TasksOfRun {
  readonly results: readonly TaskResult[];
  readonly measured: MeasuredTasks;
  /** Of each task, by its index. */
  readonly valued: readonly ValuedTask[];
  /** Of the tasks that completed. */
  readonly read: readonly TaskMetrics[];
}

/** Null if the run is open or has one task, or the list of its results is not the one that was recorded. */
export function recordedTasks(
  paths: RunPaths,
  manifest: Manifest,
  artifacts: readonly ChecksumEntry[] | null,
): TasksOfRun | null {
  const results = recordedResults(paths, manifest);
  if (results === null) return null;
  const names = declaredNames(manifest.metrics);
  const file = manifest.metrics?.file ?? METRICS_FILE;
  const read = readTaskMetrics(
    { paths, file, recorded: artifacts ?? [], names, others: names.length === 0 ? MOST_NAMES : 0 },
    results.filter(({ state }) => state === 'completed').map(({ index }) => index),
  );
  return composeTasks(manifest, results, [...read]);
}

/** Pure. `read`: of the tasks that completed. */
export function composeTasks(
  { metrics: declared, tasks }: Manifest,
  results: readonly TaskResult[],
  read: readonly TaskMetrics[],
): TasksOfRun {
  const names = declaredNames(declared);
  const byIndex = new Map(read.map((task) => [task.index, task.values]));
  const valued = results.map(({ index, params }) => ({ index, params, values: byIndex.get(index) ?? new Map() }));
  const measured = measureTasks({
    names: (tasks?.parameters ?? []).map(({ name }) => name),
    ...{ tasks: valued, primary: declared?.primary ?? null },
    metrics: names.length > 0 ? names : namesIn(read),
  });
  return { results, measured, valued, read };
}

/** Null if there are none, or others than were recorded. */
function recordedResults(paths: RunPaths, { tasks }: Manifest): readonly TaskResult[] | null {
  const digest = tasks?.result?.sha256;
  const text = digest === undefined ? null : readTextOrNull(taskPaths(paths).results);
  return text === null || sha256(text) !== digest ? null : parseTaskResults(text);
}

function namesIn(read: readonly TaskMetrics[]): readonly string[] {
  const names = new Set(read.flatMap(({ values }) => [...values.keys()]));
  return [...names].sort().slice(0, MOST_NAMES);
}

/** The metrics of the run: those of its best setting. Empty if the design declares none. */
export function finalMetricsOfTasks(
  { metrics: declared }: Pick<Manifest, 'metrics'>,
  { measured }: Pick<TasksOfRun, 'measured'>,
): readonly FinalMetric[] {
  if (declared === undefined) return [];
  return comparedMetrics(declared, new Map([...measured.values].map(([name, { value }]) => [name, value])));
}
