import { type Failure, failureOf, ok, type Result } from '../../errors/failure.ts';
import type { Problem } from '../../errors/problem.ts';
import type { Metrics } from '../../project/design-metrics.ts';
import type { Manifest } from '../../records/manifest-schema.ts';
import type { RunPaths } from '../../records/paths.ts';
import { recordedTasks, type TasksOfRun } from '../../report/tasks/tasks-of-run.ts';
import { analysedTasks } from '../../workflow/results/analysed-tasks.ts';
import type { Extracted } from '../../workflow/results/compose.ts';
import { listOfOutputs, metricNamesOf, refusedMetrics } from './read-metrics-file.ts';

/** Reads the metrics of all tasks of a recorded run: each file as it was digested. */

export interface TaskValues extends Pick<Extracted, 'source' | 'found' | 'tasks'> {
  /** Warnings: what tasks that completed lack. */
  readonly problems: readonly Problem[];
}

const MOST_PROBLEMS = 20;

export function readTaskValues(paths: RunPaths, manifest: Manifest, metrics: Metrics): Result<TaskValues> {
  const list = listOfOutputs(paths, manifest);
  if (!list.ok) return list;
  const declared = { ...metrics, others: [...metrics.others], baselines: [] };
  const tasks = recordedTasks(paths, { ...manifest, metrics: declared }, list.value.entries);
  if (tasks === null)
    return refusedMetrics('metrics.changed', `${paths.relative}/tasks_result.jsonl is not what was recorded.`, []);
  const against = refusal(tasks, metrics);
  if (against !== null) return { ok: false, failure: against };
  const { measured, valued, read } = tasks;
  const problems = read.flatMap((task) => task.problems);
  return ok({
    source: { file: list.value.file, sha256: list.value.sha256 },
    found: measured.values,
    tasks: analysedTasks({
      ...{ measured, valued, file: metrics.file },
      completed: read.length,
      unmeasured: read.filter((task) => task.problems.length > 0).length,
    }),
    problems: firstOf(problems).map((problem) => ({ ...problem, severity: 'warning' })),
  });
}

/** A file that was changed, or a metric that no task has: its name is wrong, or the program. */
function refusal({ read, measured }: TasksOfRun, metrics: Metrics): Failure | null {
  const all = read.flatMap((task) => task.problems);
  const changed = all.filter(({ code }) => code === 'file.changed');
  if (changed.length > 0) {
    const message = `${filesText(changed.length)} changed since the run ended.`;
    return failureOf('metrics.changed', { message, problems: firstOf(changed) });
  }
  const nowhere = metricNamesOf(metrics).filter((name) => !measured.metrics.some((metric) => metric.name === name));
  if (nowhere.length === 0) return null;
  const isInvalid = all.length > 0 && all.every(({ code }) => code !== 'value.missing' && code !== 'file.missing');
  const message =
    read.length === 0
      ? 'No task completed, so there are no metrics.'
      : `No task has the metric ${nowhere.join(', nor ')}: ${metrics.file} was looked for in the folder of each.`;
  return failureOf(isInvalid ? 'metrics.invalid' : 'metrics.missing', { message, problems: firstOf(all) });
}

function filesText(count: number): string {
  return count === 1 ? 'The metrics file of 1 task was' : `The metrics files of ${count} tasks were`;
}

function firstOf(problems: readonly Problem[]): readonly Problem[] {
  return problems.slice(0, MOST_PROBLEMS);
}
