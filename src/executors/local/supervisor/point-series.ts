import { type GpuPoint, halved, MOST_POINTS, type UsagePoint } from '../../../records/usage-series.ts';

/** The points of a run that goes on, of which there are never more than a file has room for. Pure. */
export interface PointSeries {
  readonly points: readonly UsagePoint[];
  /** Between two points; doubles whenever the series is full. */
  readonly everySeconds: number;
}

export const NO_POINTS: PointSeries = { points: [], everySeconds: 1 };

/** Samples come a little late or early. */
const TOLERANCE = 0.9;

export function isDue({ points, everySeconds }: PointSeries, t: number): boolean {
  const last = points.at(-1);
  return last === undefined || t - last.t >= everySeconds * TOLERANCE;
}

/** `thinned`: the points are others than before, not only one more. */
export function nextSeries(
  { points, everySeconds }: PointSeries,
  point: UsagePoint,
): { readonly series: PointSeries; readonly thinned: boolean } {
  const all = [...points, point];
  if (all.length < MOST_POINTS) return { series: { points: all, everySeconds }, thinned: false };
  return { series: { points: thinnedOut(all), everySeconds: 2 * everySeconds }, thinned: true };
}

/** What a point says of the GPUs, which few of them do, is kept by the next one. */
function thinnedOut(points: readonly UsagePoint[]): readonly UsagePoint[] {
  const kept = new Set(halved(points));
  let left: readonly GpuPoint[] | undefined;
  return points.flatMap((point) => {
    const gpu = point.gpu ?? left;
    left = kept.has(point) ? undefined : gpu;
    if (!kept.has(point)) return [];
    return [gpu === undefined ? point : { ...point, gpu }];
  });
}

/** One line of the file. */
export function lineOf(point: UsagePoint): string {
  return `${JSON.stringify(point)}\n`;
}
