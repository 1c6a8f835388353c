import { shown } from '../../documents/excerpt.ts';
import type { ComplainOfOption } from '../wished-metrics.ts';
import type { GridAxis, TaskSource, TaskSpec } from './task-spec.ts';

/** `--grid`, `--list` and their limits as the design has them. Pure. */

export interface TasksWish {
  /** `NAME=VALUE,VALUE`. */
  readonly grid: readonly string[];
  /** A .csv, .tsv or .jsonl file, as the design names it; null if none is given. */
  readonly list: string | null;
  readonly maxParallel: number | null;
  readonly maxFailures: number | null;
  readonly workers: number | null;
}

export const NO_TASKS_WISH: TasksWish = { grid: [], list: null, maxParallel: null, maxFailures: null, workers: null };

/** `before`: the tasks that the options are laid over; null if there are none. Returns null if the run has one task. */
export function wishedTasks(wish: TasksWish, before: TaskSpec | null, wrong: ComplainOfOption): TaskSpec | null {
  const source = wishedSource(wish, wrong) ?? before?.source ?? null;
  if (source === null) {
    complainOfLimits(wish, wrong);
    return null;
  }
  const kept = before ?? NO_LIMITS;
  return {
    source,
    max_parallel: wish.maxParallel ?? kept.max_parallel,
    max_failures: wish.maxFailures ?? kept.max_failures,
    workers: wish.workers ?? kept.workers,
    time_seconds: kept.time_seconds,
  };
}

const NO_LIMITS = { max_parallel: null, max_failures: null, workers: null, time_seconds: null };

/** Null if the options name no tasks. */
function wishedSource({ grid, list }: TasksWish, wrong: ComplainOfOption): TaskSource | null {
  if (grid.length > 0 && list !== null)
    wrong('/tasks', '`--grid` and `--list` contradict each other; write all combinations, or a file of them');
  if (list !== null) return { kind: 'file', file: list };
  return grid.length > 0 ? gridSource(grid, wrong) : null;
}

function gridSource(grid: readonly string[], wrong: ComplainOfOption): TaskSource {
  const axes = grid.map((text) => readAxis(text, wrong)).filter(({ name }) => name !== '');
  const names = [...new Set(axes.map(({ name }) => name))];
  const twice = names.filter((name) => axes.filter((axis) => axis.name === name).length > 1);
  for (const name of twice) {
    const values = axes.filter((axis) => axis.name === name).flatMap((axis) => axis.values);
    const once = shown(`--grid ${name}=${[...new Set(values)].join(',')}`);
    wrong('/tasks/grid', `\`--grid\` names ${shown(name)} twice; write its values in one: ${once}`);
  }
  return { kind: 'grid', axes: axes.filter(({ name }, at) => axes.findIndex((axis) => axis.name === name) === at) };
}

/** Blanks around a value are those of the list. */
function readAxis(text: string, wrong: ComplainOfOption): GridAxis {
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(at, 0)).trim();
  const values = text.slice(at + 1).split(',');
  if (at < 0 || name === '')
    wrong('/tasks/grid', `\`--grid\` takes NAME=VALUE,VALUE, such as seed=0,1,2, not ${shown(text)}`);
  else if (values.some((value) => value.trim() === ''))
    wrong('/tasks/grid', `${shown(`--grid ${text}`)} has an empty value; remove it, or write a file: \`--list FILE\``);
  return { name, values: values.map((value) => value.trim()) };
}

function complainOfLimits({ maxParallel, maxFailures, workers }: TasksWish, wrong: ComplainOfOption): void {
  const limits = { 'max-parallel': maxParallel, 'max-failures': maxFailures, workers };
  for (const [option, value] of Object.entries(limits))
    if (value !== null)
      wrong('/tasks', `\`--${option}\` is about many tasks; add \`--grid NAME=VALUE,VALUE\` or \`--list FILE\``);
}
