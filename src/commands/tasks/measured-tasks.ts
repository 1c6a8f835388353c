import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { type ChecksumEntry, parseChecksums } from '../../records/checksums.ts';
import { projectManifest } from '../../records/projection.ts';
import { comparedMetrics, declaredNames, METRICS_FILE } from '../../report/final-metrics.ts';
import { readTaskMetrics, type TaskMetrics } from '../../workflow/results/task-metrics.ts';
import { declaredMetrics, MOST_NUMBERS, NO_METRICS, rowMetrics } from '../runs/metrics.ts';
import type { RunWithTasks } from './read-tasks.ts';
import { type TaskRow, type UnmeasuredTask, withMetrics } from './task-row.ts';

/** What each task measured: from the metrics file in its own folder. `root`: of the project. */
export function measuredTasks(root: string, run: RunWithTasks, tasks: readonly UnmeasuredTask[]): readonly TaskRow[] {
  const manifest = projectManifest(run.view);
  const declared = manifest.metrics ?? declaredMetrics(root, manifest.iteration_id);
  const file = declared?.file ?? METRICS_FILE;
  const ended = tasks.filter((task) => task.ended_at !== null).map(({ index }) => index);
  const read = readTaskMetrics(
    {
      ...{ paths: run.paths, file, names: declaredNames(declared), others: MOST_NUMBERS },
      recorded: recordedOutputs(run, file, manifest.artifacts?.sha256 ?? null),
    },
    ended,
  );
  return tasks.map((task) => {
    const values = task.ended_at === null ? undefined : read.next().value?.values;
    return withMetrics(
      task,
      values === undefined ? NO_METRICS : rowMetrics(comparedMetrics(declared, numbersOf(values))),
    );
  });
}

function numbersOf(values: TaskMetrics['values']): ReadonlyMap<string, number> {
  const numbers = new Map<string, number>();
  for (const [name, { value }] of values) numbers.set(name, value);
  return numbers;
}

/** Of files with this name. Null before the record has any; what is not listed as it was recorded is not trusted. */
function recordedOutputs(
  { paths }: RunWithTasks,
  file: string,
  digest: string | null,
): readonly ChecksumEntry[] | null {
  if (digest === null) return null;
  const text = readTextOrNull(paths.artifacts) ?? '';
  if (sha256(text) !== digest) return [];
  const lines = /[\\\r\n]/.test(file) ? text : linesEndingWith(text, `/${file}`);
  return parseChecksums(lines, 'artifacts.sha256').value ?? [];
}

/** Of a list that has three files a task and more, those that matter. */
function linesEndingWith(text: string, end: string): string {
  const lines: string[] = [];
  for (let at = text.indexOf(`${end}\n`); at >= 0; at = text.indexOf(`${end}\n`, at + 1))
    lines.push(text.slice(text.lastIndexOf('\n', at) + 1, at + end.length + 1));
  return lines.join('');
}
