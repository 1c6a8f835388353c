import type { Metrics } from '../../project/design-metrics.ts';
import type { FoundMetric } from './metrics-document.ts';
import { isRepetition, type Statistics, statisticsOf } from './task-statistics.ts';

/** What a run with many tasks measured. Pure. */

/** One of all tasks. */
export interface ValuedTask {
  readonly index: number;
  readonly params: Readonly<Record<string, string>>;
  /** By the name of the metric; empty if it did not complete. */
  readonly values: ReadonlyMap<string, FoundMetric>;
}

export interface TaskMeasures {
  /** Of the parameters, in the order of the design. */
  readonly names: readonly string[];
  readonly tasks: readonly ValuedTask[];
  readonly primary: Metrics['primary'];
  /** Metrics that are looked at, the primary one first. */
  readonly metrics: readonly string[];
}

/** Tasks that differ in nothing but repetitions; without repetitions, one task. */
export interface Setting {
  /** Without repetitions. */
  readonly params: Readonly<Record<string, string>>;
  /** Of its tasks, whether they have a value or not. */
  readonly indices: readonly number[];
  /** Of the primary metric; null if no task has it. */
  readonly statistics: Statistics | null;
}

/**
 * Which tasks the values of the run are of: the best setting, by the mean over its repetitions; without repetitions, the
 * best task; without a primary metric, all tasks, by their mean.
 */
export type ValueOf = 'best_setting' | 'best_task' | 'all_tasks';

export interface MeasuredTasks {
  /** Parameters that only repeat a setting. */
  readonly repetitions: readonly string[];
  readonly valueOf: ValueOf;
  /** Null if no task has the primary metric, or there is none. */
  readonly best: Setting | null;
  /** Best first: whole ones, then those of which some tasks have no value, then those without any. */
  readonly settings: readonly Setting[];
  /** Over all tasks that have the metric. */
  readonly metrics: readonly MetricOfTasks[];
  /** The values of the run. */
  readonly values: ReadonlyMap<string, FoundMetric>;
}

export interface MetricOfTasks {
  readonly name: string;
  readonly statistics: Statistics;
  /** Of the primary metric. */
  readonly best: { readonly index: number; readonly value: number } | null;
}

export function measureTasks(measures: TaskMeasures): MeasuredTasks {
  const { names, tasks, primary, metrics } = measures;
  const repetitions = names.filter((name) => isRepetition(name) && isVaried(tasks, name));
  const settings = sortedSettings(settingsOf(measures, repetitions), primary?.mode ?? null);
  const [first] = settings;
  const best = primary === null || first === undefined || first.statistics === null ? null : first;
  const valueOf = primary === null ? 'all_tasks' : repetitions.length > 0 ? 'best_setting' : 'best_task';
  const chosen = primary === null ? tasks : (best?.indices ?? []).flatMap((index) => tasks[index] ?? []);
  return {
    ...{ repetitions, valueOf, best, settings },
    metrics: metrics.flatMap((name) => metricOf(tasks, name, name === primary?.name ? primary.mode : null)),
    values: new Map(metrics.flatMap((name) => valueIn(chosen, name))),
  };
}

function isVaried(tasks: readonly ValuedTask[], name: string): boolean {
  const first = tasks[0]?.params[name];
  return tasks.some(({ params }) => params[name] !== first);
}

function settingsOf({ names, tasks, primary }: TaskMeasures, repetitions: readonly string[]): readonly Setting[] {
  const kept = names.filter((name) => !repetitions.includes(name));
  const groups = new Map<string, ValuedTask[]>();
  for (const task of tasks) {
    const key = repetitions.length === 0 ? String(task.index) : JSON.stringify(kept.map((name) => task.params[name]));
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [task]);
    else group.push(task);
  }
  return [...groups.values()].map((group) => ({
    params: Object.fromEntries(kept.map((name) => [name, group[0]?.params[name] ?? ''])),
    indices: group.map(({ index }) => index),
    statistics: primary === null ? null : statisticsOf(numbersOf(group, primary.name)),
  }));
}

function numbersOf(tasks: readonly ValuedTask[], name: string): readonly number[] {
  return tasks.flatMap(({ values }) => values.get(name)?.value ?? []);
}

/** A mean of which some values are missing may be good by luck: it comes after all that are whole. */
function sortedSettings(settings: readonly Setting[], mode: 'maximize' | 'minimize' | null): readonly Setting[] {
  if (mode === null) return settings;
  const sign = mode === 'maximize' ? -1 : 1;
  const rank = ({ statistics, indices }: Setting): number =>
    statistics === null || statistics.mean === null ? 2 : statistics.n === indices.length ? 0 : 1;
  return settings.toSorted(
    (a, b) => rank(a) - rank(b) || sign * ((a.statistics?.mean ?? 0) - (b.statistics?.mean ?? 0)),
  );
}

function metricOf(
  tasks: readonly ValuedTask[],
  name: string,
  mode: 'maximize' | 'minimize' | null,
): readonly MetricOfTasks[] {
  const statistics = statisticsOf(numbersOf(tasks, name));
  if (statistics === null) return [];
  const wanted = mode === 'maximize' ? statistics.max : statistics.min;
  const at = mode === null ? undefined : tasks.find(({ values }) => values.get(name)?.value === wanted);
  return [{ name, statistics, best: at === undefined ? null : { index: at.index, value: wanted } }];
}

/** The mean; of one value, that value as it was written. */
function valueIn(tasks: readonly ValuedTask[], name: string): readonly (readonly [string, FoundMetric])[] {
  const found = tasks.flatMap(({ values }) => values.get(name) ?? []);
  const [first] = found;
  if (first === undefined) return [];
  if (found.length === 1) return [[name, first]];
  const mean = statisticsOf(found.map(({ value }) => value))?.mean ?? null;
  return mean === null ? [] : [[name, { pointer: first.pointer, value: mean, mean_of: found.length }]];
}
