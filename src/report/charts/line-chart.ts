import { type Markup, markup, NO_MARKUP } from '../markup.ts';
import { type Axis, axisOf, type AxisUnit, valueText } from './axis.ts';
import {
  type ChartLimit,
  type Curve,
  drawableCurve,
  factsOfCurve,
  needsLog,
  spanOfCurves,
  wordsOfPoint,
} from './curve.ts';
import { numbersOfCurves } from './curve-numbers.ts';
import { type DrawnPoint, pathOfPieces, thinnedPieces } from './thinned.ts';
import type { Span } from './ticks.ts';

/** Curves over steps or over time, as a figure with a caption, a key and a table of its numbers. Pure. */

export interface LineChart {
  /** Unique on the page: a word. */
  readonly id: string;
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly x: { readonly name: string; readonly unit: AxisUnit };
  readonly y: {
    readonly unit: AxisUnit;
    /** Where the axis begins, and the least that it reaches; left out: where the values are. */
    readonly from?: number;
    readonly to?: number;
  };
  readonly limit?: ChartLimit | null;
  /** A sentence below the title. */
  readonly note?: string;
}

/** Of the picture, in units that are about a pixel. */
const WIDTH = 440;
const HEIGHT = 222;
const [TOP, RIGHT, BOTTOM] = [18, 20, 34];
/** A limit that is further above is named, not drawn: the curve would lie on the axis. */
const FAR = 20;
const FINE_FROM = 600;
/** Kinds of lines that the theme has. */
const KINDS = 6;
/** More are drawn as a line, which takes less room. */
const MOST_DOTS = 2500;

/** Null if there is nothing to draw. */
export function lineChart(chart: LineChart): Markup | null {
  const curves = chart.curves.map(drawableCurve);
  const [across, up] = [spanOfCurves(curves, 'x'), spanOfCurves(curves, 'y')];
  if (across === null || up === null) return null;
  const limit = chart.limit ?? null;
  const isFar = limit !== null && limit.value > up.high * FAR;
  const span = reached(chart, up, isFar ? null : limit);
  const log = chart.y.unit === 'number' && needsLog(curves, span);
  const y = axisOf({ ...span, unit: chart.y.unit, most: 5, ends: true, log });
  const x = axisOf({ ...across, unit: chart.x.unit, most: 5, ends: false });
  const words = [y.words, isFar ? `limit ${valueText(limit.value, chart.y.unit)}, far above` : ''];
  const title = markup`<strong>${chart.title}</strong> <span class="soft">${words.filter(Boolean).join(', ')}</span>`;
  return markup`<figure class="chart">
<figcaption>${title}${keyOf(curves)}${noteOf(chart)}</figcaption>
${pictureOf(chart, { curves, x, y, limit: isFar ? null : limit })}
${numbersOfCurves(chart, curves)}
</figure>
`;
}

function noteOf({ note }: LineChart): Markup {
  return note === undefined ? NO_MARKUP : markup`<br><span class="soft">${note}</span>`;
}

function reached({ y }: LineChart, { low, high }: Span, limit: ChartLimit | null): Span {
  return {
    low: Math.min(y.from ?? low, low, limit?.value ?? low),
    high: Math.max(y.to ?? high, high, limit?.value ?? high),
  };
}

/** Which line is which; a line alone needs no key. */
function keyOf(curves: readonly Curve[]): Markup {
  if (curves.length < 2) return NO_MARKUP;
  const items = curves.map(
    ({ name, dots = false }, index) =>
      markup`<li><svg class="swatch" width="28" height="10" aria-hidden="true"><path class="${classOf(index, dots)}" d="${dots ? 'M14 5h0' : 'M1 5h26'}"/></svg>${name}</li>`,
  );
  return markup`<ul class="key">${items}</ul>`;
}

interface Drawn {
  readonly curves: readonly Curve[];
  readonly x: Axis;
  readonly y: Axis;
  readonly limit: ChartLimit | null;
}

function pictureOf(chart: LineChart, drawn: Drawn): Markup {
  const { curves, x, y, limit } = drawn;
  const left = 14 + 6.5 * Math.max(...y.ticks.map(({ label }) => label.length), 2);
  const [width, height] = [WIDTH - left - RIGHT, HEIGHT - TOP - BOTTOM];
  const acrossAt = (value: number): number => rounded(left + x.along(value) * width);
  const upAt = (value: number): number => rounded(TOP + (1 - y.along(value)) * height);
  const lines = y.ticks.map(({ value }) => `M${left} ${upAt(value)}H${WIDTH - RIGHT}`).join('');
  const marks = x.ticks.map(({ value }) => `M${acrossAt(value)} ${TOP + height}v4`).join('');
  const { id } = chart;
  return markup`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${chart.title}</title><desc id="${id}-d">${descriptionOf(chart, curves)}</desc>
<path class="grid" d="${lines}"/><path class="axis" d="M${left} ${TOP + height}H${WIDTH - RIGHT}${marks}"/>
<g class="ticks" text-anchor="end">${y.ticks.map(({ value, label }) => markup`<text x="${left - 6}" y="${rounded(upAt(value) + 4)}">${label}</text>`)}</g>
<g class="ticks" text-anchor="middle">${x.ticks.map(({ value, label }) => markup`<text x="${acrossAt(value)}" y="${TOP + height + 16}">${label}</text>`)}</g>
<text class="ticks" text-anchor="end" x="${WIDTH - RIGHT}" y="${HEIGHT - 4}">${[chart.x.name, x.words].filter(Boolean).join(', ')}</text>
${limit === null ? NO_MARKUP : limitOf(chart, limit, { at: upAt(limit.value), left })}${curves.map((curve, index) => curvePath(curve, index, { x, y, left, width, height }))}
</svg>`;
}

function limitOf(
  chart: LineChart,
  limit: ChartLimit,
  { at, left }: { readonly at: number; readonly left: number },
): Markup {
  return markup`<path class="limit" d="M${left} ${at}H${WIDTH - RIGHT}"/><text class="limit-name" text-anchor="end" x="${WIDTH - RIGHT - 2}" y="${rounded(at - 5)}">${limit.name} ${valueText(limit.value, chart.y.unit)}</text>
`;
}

interface Plot {
  readonly x: Axis;
  readonly y: Axis;
  readonly left: number;
  readonly width: number;
  readonly height: number;
}

/** A theme has so many kinds of lines. */
function classOf(index: number, dots: boolean): string {
  return `curve k${index % KINDS}${dots ? ' dots' : ''}`;
}

function curvePath({ points, dots = false }: Curve, index: number, { x, y, left, width, height }: Plot): Markup {
  const drawn = points.map((point) => ({
    x: Math.round(x.along(point.x) * width * 10),
    y: point.y === null ? null : Math.round((1 - y.along(point.y)) * height * 10),
  }));
  const pieces = dots && drawn.length <= MOST_DOTS ? dotsOf(drawn) : thinnedPieces(drawn);
  // A thick line would fill the noise of a long one.
  const fine = !dots && pieces.reduce((sum, piece) => sum + piece.length, 0) > FINE_FROM ? ' fine' : '';
  return markup`<path class="${classOf(index, dots)}${fine}" transform="translate(${left} ${TOP})scale(.1)" d="${pathOfPieces(pieces)}"/>`;
}

function dotsOf(points: readonly DrawnPoint[]): ReturnType<typeof thinnedPieces> {
  return points.flatMap(({ x, y }) => (y === null ? [] : [[{ x, y }]]));
}

/** To a tenth of a pixel. */
function rounded(place: number): number {
  return Math.round(place * 10) / 10;
}

function descriptionOf(chart: LineChart, curves: readonly Curve[]): string {
  const units = { x: chart.x.unit, y: chart.y.unit };
  const sentences = curves.slice(0, KINDS).flatMap((curve) => {
    const facts = factsOfCurve(curve);
    if (facts === null) return [];
    const { first, lowest, highest, last } = facts;
    const named = curves.length > 1 ? `${curve.name}: ` : '';
    return [
      `${named}${facts.count} points over ${chart.x.name}: ${[
        wordsOfPoint('first', first, units),
        wordsOfPoint('lowest', lowest, units),
        wordsOfPoint('highest', highest, units),
        wordsOfPoint('last', last, units),
      ].join(', ')}.`,
    ];
  });
  const { limit } = chart;
  const bound = limit ? [`${limit.name} ${valueText(limit.value, chart.y.unit)}.`] : [];
  return [...sentences, ...bound].join(' ');
}
