import { type AxisUnit, valueText } from './axis.ts';
import type { Span } from './ticks.ts';

/** What a line chart shows. Pure. */

export interface CurvePoint {
  readonly x: number;
  /** Null, or not finite: a gap. */
  readonly y: number | null;
}

export interface Curve {
  readonly name: string;
  readonly points: readonly CurvePoint[];
  /** A dot for each point, in place of a line. */
  readonly dots?: boolean;
}

/** A line across the picture. */
export interface ChartLimit {
  readonly name: string;
  readonly value: number;
}

/** What is larger cannot be divided by its ticks. */
const LARGEST = 1e290;
const SMALLEST = 1e-290;

/** Without what cannot be drawn. */
export function drawableCurve({ points, ...curve }: Curve): Curve {
  const drawable: CurvePoint[] = [];
  for (const point of points) {
    if (!isDrawable(point.x)) continue;
    drawable.push(point.y === null || isDrawable(point.y) ? point : { x: point.x, y: null });
  }
  return { ...curve, points: drawable };
}

function isDrawable(value: number): boolean {
  return value > -LARGEST && value < LARGEST;
}

export interface CurveFacts {
  readonly name: string;
  /** With a value. */
  readonly count: number;
  readonly first: CurvePoint;
  readonly lowest: CurvePoint;
  readonly highest: CurvePoint;
  readonly last: CurvePoint;
}

/** Null if the curve has no value. */
export function factsOfCurve({ name, points }: Curve): CurveFacts | null {
  const known = points.filter(({ y }) => y !== null);
  const [first] = known;
  if (first === undefined) return null;
  let [lowest, highest, last] = [first, first, first];
  for (const point of known) {
    if ((point.y ?? 0) < (lowest.y ?? 0)) lowest = point;
    if ((point.y ?? 0) > (highest.y ?? 0)) highest = point;
    last = point;
  }
  return { name, count: known.length, first, lowest, highest, last };
}

/** `lowest 0.29 at 900`. */
export function wordsOfPoint(
  what: string,
  { x, y }: CurvePoint,
  units: { readonly x: AxisUnit; readonly y: AxisUnit },
) {
  return `${what} ${valueText(y ?? 0, units.y)} at ${valueText(x, units.x)}`;
}

/** The least and the greatest; null if there is none. */
export function spanOfCurves(curves: readonly Curve[], which: 'x' | 'y'): Span | null {
  let [low, high] = [Infinity, -Infinity];
  for (const { points } of curves) {
    for (const point of points) {
      const value = point[which];
      if (value === null) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? { low, high } : null;
}

/** The values span powers of ten, and on an even axis most of them would lie at its bottom. */
export function needsLog(curves: readonly Curve[], { low, high }: Span): boolean {
  if (low < SMALLEST || high / low < 100) return false;
  const bottom = low + (high - low) / 20;
  let [all, below] = [0, 0];
  for (const { points } of curves) {
    for (const { y } of points) {
      if (y === null) continue;
      all += 1;
      if (y < bottom) below += 1;
    }
  }
  return below * 2 >= all;
}
