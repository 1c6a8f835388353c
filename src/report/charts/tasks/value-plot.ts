import { numberText } from '../../../platform/units.ts';
import { type Markup, markup, NO_MARKUP } from '../../markup.ts';
import { type Axis, axisOf } from '../axis.ts';
import { axisLabel, labelEvery, type OrderedValues, tenth } from './ordered-values.ts';

/** One parameter: a dot for each task, and a line through the means. Pure. */

export interface ValuePlot {
  readonly id: string;
  readonly title: string;
  readonly across: OrderedValues;
  readonly points: readonly ValuePoint[];
  readonly log: boolean;
}

export interface ValuePoint {
  /** One of `across`. */
  readonly at: string;
  /** Of its tasks that have a value. */
  readonly values: readonly number[];
  readonly mean: number | null;
  /** Null of one value. */
  readonly deviation: number | null;
  /** A task of it has no value. */
  readonly failed: boolean;
  readonly best: boolean;
}

const [WIDTH, HEIGHT] = [640, 260];
const [TOP, RIGHT, BOTTOM] = [14, 20, 42];
/** More would be a stain. */
const MOST_DOTS = 4000;

export function valuePlot(plot: ValuePlot): Markup {
  const values = plot.points.flatMap((point) => point.values);
  const [low, high] = spanOf(values);
  const y = axisOf({ low, high, unit: 'number', most: 5, ends: true, log: plot.log });
  const left = 18 + 6.5 * Math.max(...y.ticks.map(({ label }) => label.length), 2);
  const order = new Map(plot.across.values.map((value, at) => [value, at]));
  const places = { left, step: (WIDTH - left - RIGHT) / plot.across.values.length, y, order };
  const { id, title } = plot;
  const best = plot.points.find((point) => point.best);
  const words = [`${values.length} tasks over ${plot.across.name}`, `from ${numberText(low)} to ${numberText(high)}`];
  if (best?.mean !== undefined && best.mean !== null) words.push(`best ${numberText(best.mean)} at ${best.at}`);
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${words.join(', ')}. The tables have the numbers.</desc>
${frameOf(plot, places)}${meansOf(plot, places)}${dotsOf(plot, places)}
</svg>`;
}

function spanOf(values: readonly number[]): readonly [low: number, high: number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

interface Places {
  readonly left: number;
  readonly step: number;
  readonly y: Axis;
  /** Value of the parameter → its place. */
  readonly order: ReadonlyMap<string, number>;
}

const DOWN = HEIGHT - TOP - BOTTOM;

function upAt({ y }: Places, value: number): number {
  // A standard deviation may lead out of the picture.
  return tenth(TOP + Math.min(1, Math.max(0, 1 - y.along(value))) * DOWN);
}

function acrossAt({ left, step, order }: Places, value: string): number {
  return tenth(left + ((order.get(value) ?? 0) + 0.5) * step);
}

function frameOf(plot: ValuePlot, places: Places): Markup {
  const { y, left, step } = places;
  const labels = plot.across.values.map((value) => axisLabel(value, Math.max(6, Math.floor(step / 6.6))));
  const every = labelEvery(labels, step);
  const lines = y.ticks.map(({ value }) => `M${left} ${upAt(places, value)}H${WIDTH - RIGHT}`).join('');
  return markup`<path class="grid" d="${lines}"/><path class="axis" d="M${left} ${TOP + DOWN}H${WIDTH - RIGHT}"/>
<g class="ticks" text-anchor="end">${y.ticks.map(({ value, label }) => markup`<text x="${left - 6}" y="${tenth(upAt(places, value) + 4)}">${label}</text>`)}</g>
<g class="ticks" text-anchor="middle">${labels.map((label, at) => (at % every === 0 ? markup`<text x="${tenth(left + (at + 0.5) * step)}" y="${TOP + DOWN + 17}">${label}</text>` : NO_MARKUP))}</g>
<text class="ticks named" text-anchor="end" x="${WIDTH - RIGHT}" y="${HEIGHT - 5}">${[axisLabel(plot.across.name, 40), y.words].filter(Boolean).join(', ')}</text>`;
}

/** With a standard deviation up and down. */
function meansOf(plot: ValuePlot, places: Places): Markup {
  const known = plot.points
    .filter(({ mean }) => mean !== null)
    .toSorted((a, b) => (places.order.get(a.at) ?? 0) - (places.order.get(b.at) ?? 0));
  const line = known.map(({ at, mean }) => `${acrossAt(places, at)} ${upAt(places, mean ?? 0)}`).join('L');
  const whiskers = known
    .filter(({ deviation }) => deviation !== null && !plot.log)
    .map(({ at, mean, deviation }) => {
      const x = acrossAt(places, at);
      const [top, bottom] = [
        upAt(places, (mean ?? 0) + (deviation ?? 0)),
        upAt(places, (mean ?? 0) - (deviation ?? 0)),
      ];
      return `M${tenth(x - 5)} ${top}h10M${x} ${top}V${bottom}M${tenth(x - 5)} ${bottom}h10`;
    });
  return markup`${known.length < 2 ? NO_MARKUP : markup`<path class="curve k0" d="M${line}"/>`}${whiskers.length === 0 ? NO_MARKUP : markup`<path class="whisker" d="${whiskers.join('')}"/>`}`;
}

function dotsOf(plot: ValuePlot, places: Places): Markup {
  let [dots, crosses, best, count] = ['', '', '', 0];
  for (const point of plot.points) {
    const x = acrossAt(places, point.at);
    for (const value of point.values) {
      count += 1;
      if (count <= MOST_DOTS) dots += `M${x} ${upAt(places, value)}h0`;
    }
    if (point.failed) crosses += `M${tenth(x - 4)} ${TOP + DOWN - 4}l8 8m0-8l-8 8`;
    if (point.best && point.mean !== null) best = `M${x} ${tenth(upAt(places, point.mean) - 7)}a7 7 0 1 0 .1 0z`;
  }
  return markup`<path class="task-dots" d="${dots}"/>${crosses === '' ? NO_MARKUP : markup`<path class="cross" d="${crosses}"/>`}${best === '' ? NO_MARKUP : markup`<path class="best" d="${best}"/>`}`;
}
