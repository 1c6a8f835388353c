import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import type { TaskResult } from '../../records/tasks/task-end.ts';
import { stateWords } from '../charts/tasks/state-map.ts';
import { cutText, type Markup, markup, type MarkupPart, NO_MARKUP } from '../markup.ts';
import type { TasksOfRun } from '../tasks/tasks-of-run.ts';
import { type Column, dataTable, firstOfMany, noteText } from './tables.ts';

/** Tables of the tasks: statistics, settings, and the tasks themselves, those that failed first. Pure. */

export interface ShownMetric {
  readonly name: string;
  readonly mode: 'maximize' | 'minimize';
}

const MOST_TASKS = 200;
const MOST_SETTINGS = 60;
const MOST_METRICS = 20;
const MOST_PARAMETERS = 6;
const LONGEST_VALUE = 60;

export function statisticsTable({ measured, valued }: TasksOfRun): Markup {
  if (measured.metrics.length === 0) return NO_MARKUP;
  const { first, left } = firstOfMany(measured.metrics, MOST_METRICS);
  const table = dataTable({
    name: 'Over all tasks',
    columns: [
      { name: 'Metric' },
      ...['Tasks', 'Mean', 'Std. dev.', 'Smallest', 'Largest'].map((name) => ({ name, number: true })),
      { name: 'Best task' },
    ],
    rows: first.map(({ name, statistics, best }) => ({
      main: best !== null,
      cells: [
        cutText(name, LONGEST_VALUE),
        String(statistics.n),
        numberOrDash(statistics.mean),
        numberOrDash(statistics.standard_deviation),
        numberText(statistics.min),
        numberText(statistics.max),
        best === null ? '' : `${best.index}: ${paramsText(valued[best.index]?.params ?? {})}`,
      ],
    })),
  });
  return markup`<h3>Over all tasks</h3>
${table}${left > 0 ? noteText(`${left} more metrics are in the files.`) : NO_MARKUP}`;
}

/** Only if seeds repeat settings: otherwise each task is one. */
export function settingsTable({ measured }: TasksOfRun, metric: string | null): Markup {
  const { settings, repetitions } = measured;
  if (metric === null || repetitions.length === 0 || settings.length < 2) return NO_MARKUP;
  const names = Object.keys(settings[0]?.params ?? {}).slice(0, MOST_PARAMETERS);
  const { first, left } = firstOfMany(settings, MOST_SETTINGS);
  const table = dataTable({
    name: 'Settings, best first',
    columns: [
      ...names.map((name) => ({ name: cutText(name, 30) })),
      ...['Tasks', `Mean ${cutText(metric, 30)}`, 'Std. dev.', 'Smallest', 'Largest'].map((name) => ({
        name,
        number: true,
      })),
    ],
    rows: first.map(({ params, indices, statistics }, at) => ({
      main: at === 0 && statistics !== null,
      cells: [
        ...names.map((name) => cutText(params[name] ?? '', LONGEST_VALUE)),
        tasksWords(statistics?.n ?? 0, indices.length),
        ...(statistics === null
          ? ['', '', '', '']
          : [
              numberOrDash(statistics.mean),
              numberOrDash(statistics.standard_deviation),
              numberText(statistics.min),
              numberText(statistics.max),
            ]),
      ],
    })),
  });
  return markup`<h3>Settings, best first</h3>
${table}${left > 0 ? noteText(`${left} more settings are in the analysis that autolab extract writes.`) : NO_MARKUP}`;
}

function tasksWords(measured: number, all: number): string {
  return measured === all ? String(all) : `${measured} of ${all}`;
}

/** Failed first, then what else did not complete; completed ones the best first. */
export function taskTable(tasks: TasksOfRun, parameters: readonly string[], metric: ShownMetric | null): Markup {
  const { valued, results } = tasks;
  const valueOf = ({ index }: TaskResult): number | null =>
    metric === null ? null : (valued[index]?.values.get(metric.name)?.value ?? null);
  const sorted = inOrder(tasks, metric);
  const { first, left } = firstOfMany(sorted, MOST_TASKS);
  const names = parameters.slice(0, MOST_PARAMETERS);
  const rest = parameters.slice(MOST_PARAMETERS);
  const hasWhy = first.some(({ code }) => code !== null);
  const columns: readonly Column[] = [
    { name: 'Task' },
    ...names.map((name) => ({ name: cutText(name, 30) })),
    ...(rest.length === 0 ? [] : [{ name: 'Other parameters' }]),
    { name: 'State' },
    ...(hasWhy ? [{ name: 'Why' }] : []),
    ...(metric === null ? [] : [{ name: cutText(metric.name, 30), number: true }]),
    { name: 'Time', number: true },
    { name: 'Memory', number: true },
  ];
  const rows = first.map((task) => ({
    cells: [
      String(task.index),
      ...names.map((name) => cutText(task.params[name] ?? '', LONGEST_VALUE)),
      ...(rest.length === 0
        ? []
        : [paramsText(Object.fromEntries(rest.map((name) => [name, task.params[name] ?? ''])))]),
      stateCell(task),
      ...(hasWhy ? [whyCell(task)] : []),
      ...(metric === null ? [] : [orEmpty(valueOf(task), numberText)]),
      orEmpty(task.wall_seconds, secondsText),
      orEmpty(task.max_rss_bytes, bytesText),
    ] satisfies readonly MarkupPart[],
  }));
  const more = left === 0 ? NO_MARKUP : noteText(`${left} more of ${results.length} tasks: autolab tasks.`);
  return markup`<h3>Tasks, failed ones first</h3>
${dataTable({ name: 'List of tasks', columns, rows })}${more}`;
}

const RANK: Readonly<Record<TaskResult['state'], number>> = {
  failed: 0,
  end_unknown: 1,
  cancelled: 2,
  not_started: 3,
  completed: 4,
};

/** What did not complete first; of the others the best, and those without a value last. */
function inOrder({ results, valued }: TasksOfRun, metric: ShownMetric | null): readonly TaskResult[] {
  const sign = metric?.mode === 'minimize' ? 1 : -1;
  const valueOf = (index: number): number | undefined => valued[index]?.values.get(metric?.name ?? '')?.value;
  return results.toSorted((a, b) => {
    const byState = RANK[a.state] - RANK[b.state];
    if (byState !== 0 || a.state !== 'completed') return byState || a.index - b.index;
    const [left = sign * Infinity, right = sign * Infinity] = [valueOf(a.index), valueOf(b.index)];
    return left === right ? a.index - b.index : sign * (left < right ? -1 : 1);
  });
}

function stateCell({ state, attempts, reused_from }: TaskResult): Markup {
  const tone = state === 'completed' ? 'good' : state === 'failed' ? 'bad' : 'warn';
  const beside = reused_from !== null ? ' (taken over)' : attempts > 1 ? ` (${attempts} attempts)` : '';
  return markup`<span class="tone ${tone}">${stateWords(state)}</span>${beside}`;
}

function whyCell({ code, message }: TaskResult): Markup {
  if (code === null) return NO_MARKUP;
  return markup`${cutText(message ?? '', 160)} <span class="soft">${code}</span>`;
}

function orEmpty(value: number | null, text: (value: number) => string): string {
  return value === null ? '' : text(value);
}

function numberOrDash(value: number | null): string {
  return value === null ? '\u2013' : numberText(value);
}

/** Bounded. */
function paramsText(params: Readonly<Record<string, string>>): string {
  const words = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  return cutText(words.join(', '), 120);
}
