import { join } from 'node:path';
import { lstatOrNull, readTextOrNull } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { METRIC_SERIES_FILE, parseMetricSeries } from '../records/metric-series.ts';
import type { RunPaths } from '../records/paths.ts';
import type { ObservedData } from '../records/run-data.ts';
import { parseUsage, USAGE_FILE } from '../records/usage-series.ts';

/** What a run's samples and metrics come to, for its record. */

/** A series of the most points is far smaller. */
const MOST_USAGE_BYTES = 4 * 1024 * 1024;
const MOST_METRICS_BYTES = 64 * 1024 * 1024;

export function observedUsage(paths: RunPaths): NonNullable<ObservedData['usage']> | null {
  const text = textOf(join(paths.receipt, USAGE_FILE), MOST_USAGE_BYTES);
  if (text === null) return null;
  const { points } = parseUsage(text);
  const gpus = Math.max(0, ...points.map(({ gpu }) => gpu?.length ?? 0));
  return points.length === 0 ? null : { points: points.length, sha256: sha256(text), gpus };
}

export function observedMetrics(paths: RunPaths): NonNullable<ObservedData['metrics']> | null {
  const text = textOf(join(paths.folder, METRIC_SERIES_FILE), MOST_METRICS_BYTES);
  if (text === null) return null;
  const { points, names, bad_lines } = parseMetricSeries(text);
  return { points: points.length, sha256: sha256(text), bad_lines, names: [...names] };
}

/** Null if there is no such file, or one too large to read. */
function textOf(path: string, most: number): string | null {
  const stats = lstatOrNull(path);
  return stats?.isFile() === true && stats.size <= most ? readTextOrNull(path) : null;
}
