import { parseLines } from './series-lines.ts';

/** `receipt/usage.jsonl`: what a run used over time, a point a line. Pure. */

export const USAGE_FILE = 'usage.jsonl';
/** A series that is full keeps every second point. */
export const MOST_POINTS = 2000;

export interface UsagePoint {
  /** Seconds since the entrypoint began. */
  readonly t: number;
  /** User and system time so far, in seconds; null if it cannot be read. */
  readonly cpu_seconds: number | null;
  /** Null if it cannot be read. */
  readonly memory_bytes: number | null;
  /** In the order of the driver; left out if it was not asked. */
  readonly gpu?: readonly GpuPoint[];
}

export interface GpuPoint {
  /** Percent. */
  readonly util: number | null;
  readonly memory_bytes: number | null;
}

export interface UsageSeries {
  /** In the order of their times. */
  readonly points: readonly UsagePoint[];
  readonly bad_lines: number;
}

/** Lines that cannot be read are counted; so is one that goes back in time. */
export function parseUsage(text: string): UsageSeries {
  const { values, bad_lines } = parseLines(text, pointOf);
  const points: UsagePoint[] = [];
  for (const point of values) if (point.t >= (points.at(-1)?.t ?? 0)) points.push(point);
  return { points, bad_lines: bad_lines + values.length - points.length };
}

/** Every second point, and the last one. */
export function halved<Point>(points: readonly Point[]): readonly Point[] {
  return points.filter((_, index) => index % 2 === 0 || index === points.length - 1);
}

function pointOf(value: Readonly<Record<string, unknown>>): UsagePoint | null {
  const t = numberOrNull(value['t']);
  if (t === null) return null;
  const gpu = value['gpu'];
  return {
    t,
    cpu_seconds: numberOrNull(value['cpu_seconds']),
    memory_bytes: numberOrNull(value['memory_bytes']),
    ...(Array.isArray(gpu) ? { gpu: gpu.map(gpuOf) } : {}),
  };
}

function gpuOf(value: unknown): GpuPoint {
  const one = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  return { util: numberOrNull(one['util']), memory_bytes: numberOrNull(one['memory_bytes']) };
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}
