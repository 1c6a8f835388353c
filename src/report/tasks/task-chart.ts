import { numberText } from '../../platform/units.ts';
import type { Setting } from '../../workflow/results/measured-tasks.ts';
import { heatKey, type HeatMark } from '../charts/tasks/heat-key.ts';
import type { HeatCell } from '../charts/tasks/heat-map.ts';
import { heatMap } from '../charts/tasks/heat-map.ts';
import { type HeatScale, heatScaleOf } from '../charts/tasks/heat-scale.ts';
import { type OrderedValues, orderedValues } from '../charts/tasks/ordered-values.ts';
import { parallelChart } from '../charts/tasks/parallel.ts';
import { valuePlot, type ValuePoint } from '../charts/tasks/value-plot.ts';
import { cutText, type Markup, markup, NO_MARKUP } from '../markup.ts';
import type { TasksOfRun } from './tasks-of-run.ts';

/**
 * The picture of a grid that suits it: one parameter is a line with a dot for each task, two are a heat map, three with few
 * values are heat maps side by side, and everything else is parallel coordinates. Pure.
 */

export interface TaskChartWanted {
  readonly tasks: TasksOfRun;
  /** The metric. */
  readonly name: string;
  readonly mode: 'maximize' | 'minimize';
}

const MOST_ACROSS = 150;
const MOST_FACETS = 6;
const MOST_AXES = 9;
const MOST_LINES = 1200;
const LONGEST_NAME = 80;

/** Null if there is nothing to compare. */
export function taskChart(wanted: TaskChartWanted): Markup | null {
  const { measured, results } = wanted.tasks;
  const means = measured.settings.flatMap(({ statistics }) => statistics?.mean ?? []);
  if (means.length === 0 || results.length < 2) return null;
  const scale = heatScaleOf(means, wanted.mode);
  const varied = variedIn(measured.settings);
  const [first, second, third] = varied;
  if (first === undefined) return repetitionPlot(wanted, scale);
  if (second === undefined) return settingPlot(wanted, first, scale);
  if (third === undefined && isDense(measured.settings.length, [first, second]))
    return figureOf(wanted, scale, [gridOfSettings(wanted, scale, first, second, measured.settings, null)]);
  return (varied.length === 3 ? facets(wanted, scale, varied) : null) ?? parallelFigure(wanted, scale, varied);
}

function variedIn(settings: readonly Setting[]): readonly OrderedValues[] {
  const names = Object.keys(settings[0]?.params ?? {});
  const byIndex = settings.toSorted((a, b) => (a.indices[0] ?? 0) - (b.indices[0] ?? 0));
  return names
    .map((name) =>
      orderedValues(
        name,
        byIndex.map(({ params }) => params[name] ?? ''),
      ),
    )
    .filter(({ values }) => values.length > 1);
}

/** A grid, not points that were drawn by chance. */
function isDense(settings: number, axes: readonly OrderedValues[]): boolean {
  const places = axes.reduce((product, { values }) => product * values.length, 1);
  return places <= Math.max(36, settings * 2) && axes.every(({ values }) => values.length <= MOST_ACROSS);
}

interface Facet {
  readonly name: string;
  readonly value: string;
}

/** The parameter with more values goes across. */
function gridOfSettings(
  { name, tasks }: TaskChartWanted,
  scale: HeatScale,
  first: OrderedValues,
  second: OrderedValues,
  settings: readonly Setting[],
  facet: (Facet & { readonly at: number }) | null,
): Markup {
  const [rows, columns] = first.values.length > second.values.length ? [second, first] : [first, second];
  const [best] = tasks.measured.settings;
  const rowOf = new Map(rows.values.map((value, at) => [value, at]));
  const columnOf = new Map(columns.values.map((value, at) => [value, at]));
  const cells = rows.values.map(() => columns.values.map((): HeatCell | null => null));
  // The best of several in one place is seen.
  for (const setting of settings.toReversed()) {
    const line = cells[rowOf.get(setting.params[rows.name] ?? '') ?? -1];
    const column = columnOf.get(setting.params[columns.name] ?? '');
    if (line !== undefined && column !== undefined) line[column] = cellOf(tasks, setting, setting === best);
  }
  const words = facet === null ? '' : `, ${facet.name}=${facet.value}`;
  const map = heatMap({
    id: `grid-${facet?.at ?? 0}`,
    title: cutText(`${name}${words}`, LONGEST_NAME),
    ...{ rows, columns, cells, scale },
  });
  return facet === null
    ? map
    : markup`<div><p class="facet">${cutText(`${facet.name} = ${facet.value}`, LONGEST_NAME)}</p>${map}</div>`;
}

function cellOf(tasks: TasksOfRun, { statistics, indices }: Setting, best: boolean): HeatCell {
  if (statistics === null || statistics.mean === null)
    return { kind: hasFailed(tasks, indices) ? 'failed' : 'missing' };
  const { mean, standard_deviation: deviation, n } = statistics;
  const beside = deviation === null ? '' : `\u00B1${numberText(deviation, 2)}`;
  return { kind: 'value', value: mean, beside, part: n < indices.length, best };
}

function hasFailed({ results }: TasksOfRun, indices: readonly number[]): boolean {
  return indices.some((index) => ['failed', 'end_unknown'].includes(results[index]?.state ?? ''));
}

/** Side by side, if the parameter with the fewest values has few. */
function facets(wanted: TaskChartWanted, scale: HeatScale, varied: readonly OrderedValues[]): Markup | null {
  const { settings } = wanted.tasks.measured;
  const facet = varied.toSorted((a, b) => a.values.length - b.values.length)[0];
  const [first, second] = varied.filter((one) => one !== facet);
  if (facet === undefined || first === undefined || second === undefined) return null;
  if (facet.values.length > MOST_FACETS || !isDense(settings.length, varied)) return null;
  const maps = facet.values.map((value, at) => {
    const own = settings.filter(({ params }) => params[facet.name] === value);
    return gridOfSettings(wanted, scale, first, second, own, { name: facet.name, value, at });
  });
  return figureOf(wanted, scale, [markup`<div class="facets">${maps}</div>`]);
}

function parallelFigure(wanted: TaskChartWanted, scale: HeatScale, varied: readonly OrderedValues[]): Markup {
  const axes = varied.slice(0, MOST_AXES);
  const { settings } = wanted.tasks.measured;
  const drawn = spread(settings, MOST_LINES);
  const lines = drawn.map(({ params, statistics }) => ({
    values: axes.map(({ name }) => params[name] ?? ''),
    value: statistics?.mean ?? null,
  }));
  const notes = [
    ...(drawn.length < settings.length
      ? [`${drawn.length} of ${settings.length} settings are drawn, the best among them.`]
      : []),
    ...(axes.length < varied.length ? [`${varied.length - axes.length} more parameters are in the table.`] : []),
  ];
  const picture = parallelChart({ id: 'parallel', title: cutText(wanted.name, LONGEST_NAME), axes, lines, scale });
  return figureOf(wanted, scale, [picture], { kind: 'q', notes });
}

/** The first half of them whole, and every so many of the others. */
function spread<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const half = Math.floor(most / 2);
  const rest = items.slice(half);
  const every = rest.length / (most - half);
  return [
    ...items.slice(0, half),
    ...Array.from({ length: most - half }, (_, at) => rest[Math.floor(at * every)]).filter((one) => one !== undefined),
  ];
}

interface FigureParts {
  readonly kind: 'h' | 'q' | 'none';
  readonly notes?: readonly string[];
}

function figureOf(
  wanted: TaskChartWanted,
  scale: HeatScale,
  pictures: readonly Markup[],
  parts: FigureParts = { kind: 'h' },
): Markup {
  const { name, tasks } = wanted;
  const { repetitions } = tasks.measured;
  const how = repetitions.length === 0 ? '' : `mean over ${repetitions.join(' and ')}, \u00B1 its standard deviation`;
  const notes = (parts.notes ?? []).map((note) => markup`<br><span class="soft">${note}</span>`);
  const key = parts.kind === 'none' ? NO_MARKUP : heatKey(scale, marksIn(tasks, parts.kind), parts.kind);
  return markup`<figure class="map">
<figcaption><strong>${cutText(name, LONGEST_NAME)}</strong> <span class="soft">${cutText(how, 200)}</span>${notes}</figcaption>
<div class="wide" tabindex="0" role="region" aria-label="${cutText(name, LONGEST_NAME)} by parameters">${pictures}</div>
${key}</figure>
`;
}

/** Lines show no part of a setting. */
function marksIn(tasks: TasksOfRun, kind: 'h' | 'q'): readonly HeatMark[] {
  const { settings } = tasks.measured;
  const kinds = new Set(
    settings.map(({ statistics, indices }): HeatMark | null => {
      if (statistics !== null && statistics.mean !== null) return statistics.n < indices.length ? 'part' : null;
      return kind === 'h' && hasFailed(tasks, indices) ? 'failed' : 'missing';
    }),
  );
  const shown: readonly HeatMark[] = kind === 'h' ? ['part', 'failed', 'missing'] : ['missing'];
  return ['best', ...shown.filter((one) => kinds.has(one))];
}

function settingPlot(wanted: TaskChartWanted, across: OrderedValues, scale: HeatScale): Markup {
  const { tasks, name } = wanted;
  const { settings } = tasks.measured;
  const points = settings.map((setting, at): ValuePoint => {
    const { params, statistics, indices } = setting;
    return {
      at: params[across.name] ?? '',
      values: valuesOf(wanted, indices),
      mean: statistics?.mean ?? null,
      deviation: statistics?.standard_deviation ?? null,
      failed: (statistics?.n ?? 0) < indices.length,
      best: at === 0,
    };
  });
  const picture = valuePlot({ id: 'values', title: cutText(name, LONGEST_NAME), across, points, log: scale.log });
  return figureOf(wanted, scale, [picture, plotKey(points)], { kind: 'none' });
}

function valuesOf({ tasks, name }: TaskChartWanted, indices: readonly number[]): readonly number[] {
  return indices.flatMap((index) => tasks.valued[index]?.values.get(name)?.value ?? []);
}

/** Only seeds differ: a dot for each. */
function repetitionPlot(wanted: TaskChartWanted, scale: HeatScale): Markup | null {
  const { tasks, name, mode } = wanted;
  const [repeated] = tasks.measured.repetitions;
  if (repeated === undefined) return null;
  const across = orderedValues(
    repeated,
    tasks.results.map(({ params }) => params[repeated] ?? ''),
  );
  const all = valuesOf(
    wanted,
    tasks.results.map(({ index }) => index),
  );
  const best = all.reduce(
    (found, value) => ((mode === 'maximize' ? value > found : value < found) ? value : found),
    all[0] ?? 0,
  );
  const points = tasks.results.map(({ index, params }): ValuePoint => {
    const [value = null] = valuesOf(wanted, [index]);
    return {
      ...{ at: params[repeated] ?? '', values: value === null ? [] : [value], mean: null, deviation: null },
      ...{ failed: value === null, best: value === best },
    };
  });
  const picture = valuePlot({ id: 'values', title: cutText(name, LONGEST_NAME), across, points, log: scale.log });
  return figureOf(wanted, scale, [picture, plotKey(points)], { kind: 'none' });
}

function plotKey(points: readonly ValuePoint[]): Markup {
  const items = [
    markup`<li><svg class="swatch" width="14" height="10" aria-hidden="true"><path class="task-dots" d="M7 5h0"/></svg>a task</li>`,
    ...(points.some(({ deviation }) => deviation !== null)
      ? [
          markup`<li><svg class="swatch" width="20" height="14" aria-hidden="true"><path class="curve k0" d="M1 7h18"/><path class="whisker" d="M7 1h6M10 1v12M7 13h6"/></svg>mean and standard deviation</li>`,
        ]
      : []),
    ...(points.some(({ failed }) => failed)
      ? [
          markup`<li><svg class="swatch" width="12" height="12" aria-hidden="true"><path class="cross" d="M2 2l8 8m0-8l-8 8"/></svg>no value</li>`,
        ]
      : []),
  ];
  return markup`<ul class="key">${items}</ul>`;
}
