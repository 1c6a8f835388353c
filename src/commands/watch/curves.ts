import type { MetricSeries } from '../../records/metric-series.ts';
import { halved, type UsagePoint } from '../../records/usage-series.ts';

/** What a series came to so far, in a bounded number of points. Pure: each takes what is new. */

export interface Course {
  /** From the beginning on; of a long series every second one, every fourth one, … */
  readonly values: readonly number[];
  /** One in so many is kept. */
  readonly every: number;
  /** How many came. */
  readonly count: number;
  readonly last: number;
}

const MOST_VALUES = 512;
const MOST_NAMES = 200;

export function nextCurve(curve: Course | undefined, value: number): Course {
  if (curve === undefined) return { values: [value], every: 1, count: 1, last: value };
  const { every, count } = curve;
  const values = count % every === 0 ? [...curve.values, value] : curve.values;
  const isFull = values.length > MOST_VALUES;
  return {
    values: isFull ? halved(values) : values,
    every: isFull ? every * 2 : every,
    count: count + 1,
    last: value,
  };
}

export interface MetricCurves {
  readonly curves: ReadonlyMap<string, Course>;
  /** Of the last point; null if there is none. */
  readonly step: number | null;
}

export const NO_CURVES: MetricCurves = { curves: new Map(), step: null };

export function nextMetrics(before: MetricCurves, { points }: MetricSeries): MetricCurves {
  const curves = new Map(before.curves);
  for (const { values } of points)
    for (const [name, value] of Object.entries(values))
      if (curves.has(name) || curves.size < MOST_NAMES) curves.set(name, nextCurve(curves.get(name), value));
  return { curves, step: points.at(-1)?.step ?? before.step };
}

export interface UsageNow {
  readonly memory: Course | undefined;
  /** In cores, between two points. */
  readonly cpu: Course | undefined;
  readonly memoryPeak: number | null;
  readonly gpu: NonNullable<UsagePoint['gpu']>;
  readonly last: UsagePoint | null;
}

export const NO_USAGE: UsageNow = { memory: undefined, cpu: undefined, memoryPeak: null, gpu: [], last: null };

export function nextUsage(before: UsageNow, points: readonly UsagePoint[]): UsageNow {
  return points.reduce<UsageNow>((usage, point) => {
    const { memory_bytes: memory } = point;
    const cores = coresBetween(usage.last, point);
    return {
      memory: memory === null ? usage.memory : nextCurve(usage.memory, memory),
      cpu: cores === null ? usage.cpu : nextCurve(usage.cpu, cores),
      memoryPeak: memory === null ? usage.memoryPeak : Math.max(memory, usage.memoryPeak ?? 0),
      gpu: point.gpu ?? usage.gpu,
      last: point,
    };
  }, before);
}

function coresBetween(before: UsagePoint | null, after: UsagePoint): number | null {
  const [from, to] = [before?.cpu_seconds ?? (before === null ? 0 : null), after.cpu_seconds];
  const seconds = after.t - (before?.t ?? 0);
  return from === null || to === null || seconds <= 0 ? null : Math.max(0, (to - from) / seconds);
}
