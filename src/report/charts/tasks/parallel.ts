import { numberText } from '../../../platform/units.ts';
import { type Markup, markup, NO_MARKUP } from '../../markup.ts';
import { type Axis, axisOf } from '../axis.ts';
import { inOrderOfShades } from './heat-map.ts';
import type { HeatScale } from './heat-scale.ts';
import { axisLabel, type OrderedValues, tenth } from './ordered-values.ts';

/** Settings of many parameters: a line each, over an axis for each parameter, to the metric at the right. Pure. */

export interface ParallelLine {
  /** Of each parameter, in the order of the axes. */
  readonly values: readonly string[];
  /** Null if it has none. */
  readonly value: number | null;
}

export interface ParallelChart {
  readonly id: string;
  readonly title: string;
  readonly axes: readonly OrderedValues[];
  /** Best first. */
  readonly lines: readonly ParallelLine[];
  readonly scale: HeatScale;
}

const WIDTH = 760;
const [TOP, PLOT] = [40, 250];
const [LEFT, RIGHT] = [64, 56];
const HEIGHT = TOP + PLOT + 24;
const MOST_LABELS = 8;

/** The shades of lines are fewer: the faintest would not be seen. */
export function parallelChart(chart: ParallelChart): Markup {
  const metric = axisOf({
    low: chart.scale.low,
    high: chart.scale.high,
    unit: 'number',
    most: 6,
    ends: true,
    log: chart.scale.log,
  });
  const { id, title, lines } = chart;
  const [best] = lines;
  const words = `${lines.length} settings of ${chart.axes.map(({ name }) => name).join(', ')}, from ${numberText(chart.scale.low)} to ${numberText(chart.scale.high)}`;
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${words}. The table of settings has the numbers.</desc>
${linesOf(chart, metric)}${best === undefined || best.value === null ? NO_MARKUP : markup`<path class="line-best" d="${lineOf(chart, metric, best)}"/>`}
${chart.axes.map((axis, at) => axisMarkup(axis, acrossOf(chart, at)))}${metricAxis(chart, metric)}
</svg>`;
}

function acrossOf({ axes }: ParallelChart, at: number): number {
  return tenth(LEFT + (at * (WIDTH - LEFT - RIGHT)) / Math.max(1, axes.length));
}

function upOf({ values }: OrderedValues, value: string): number {
  const at = values.indexOf(value);
  return tenth(TOP + PLOT - (values.length === 1 ? 0.5 : at / (values.length - 1)) * PLOT);
}

function lineOf(chart: ParallelChart, metric: Axis, { values, value }: ParallelLine): string {
  const places = chart.axes.map((axis, at) => `${acrossOf(chart, at)} ${upOf(axis, values[at] ?? '')}`);
  const end = value === null ? [] : [`${WIDTH - RIGHT} ${tenth(TOP + (1 - metric.along(value)) * PLOT)}`];
  return `M${[...places, ...end].join('L')}`;
}

/** A path for each shade, the worst below. */
function linesOf(chart: ParallelChart, metric: Axis): readonly Markup[] {
  const paths = new Map<number, string>();
  let without = '';
  for (const line of chart.lines.toReversed()) {
    const path = lineOf(chart, metric, line);
    if (line.value === null) without += path;
    else {
      const shade = chart.scale.shadeOf(line.value);
      paths.set(shade, `${paths.get(shade) ?? ''}${path}`);
    }
  }
  return [
    without === '' ? NO_MARKUP : markup`<path class="line-failed" d="${without}"/>`,
    ...inOrderOfShades(paths).map(([shade, path]) => markup`<path class="q${shade}" d="${path}"/>`),
  ];
}

function axisMarkup(axis: OrderedValues, x: number): Markup {
  const { values } = axis;
  const every = Math.max(1, Math.ceil(values.length / MOST_LABELS));
  const labels = values.map((value, at) =>
    at % every === 0
      ? markup`<text x="${x - 6}" y="${tenth(upOf(axis, value) + 4)}">${axisLabel(value, 8)}</text>`
      : NO_MARKUP,
  );
  return markup`<path class="axis" d="M${x} ${TOP}v${PLOT}"/><g class="ticks halo" text-anchor="end">${labels}</g><text class="ticks named" text-anchor="middle" x="${x}" y="22">${axisLabel(axis.name, 16)}</text>
`;
}

function metricAxis({ title }: ParallelChart, { ticks, along, words }: Axis): Markup {
  const x = WIDTH - RIGHT;
  const labels = ticks.map(
    ({ value, label }) => markup`<text x="${x + 6}" y="${tenth(TOP + (1 - along(value)) * PLOT + 4)}">${label}</text>`,
  );
  return markup`<path class="axis" d="M${x} ${TOP}v${PLOT}"/><g class="ticks">${labels}</g><text class="ticks named" text-anchor="end" x="${WIDTH}" y="22">${axisLabel(title, 24)}</text>${words === '' ? NO_MARKUP : markup`<text class="ticks" text-anchor="end" x="${WIDTH}" y="${HEIGHT - 6}">${words}</text>`}`;
}
