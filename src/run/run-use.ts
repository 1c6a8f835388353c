import { join } from 'node:path';
import type { RunUse } from '../events/events.ts';
import { lstatOrNull, readTail } from '../platform/files.ts';
import { METRIC_SERIES_FILE, parseMetricSeries } from '../records/metric-series.ts';
import type { RunPaths } from '../records/paths.ts';
import type { OpenedData } from '../records/run-data.ts';
import { parseUsage, USAGE_FILE } from '../records/usage-series.ts';

/** What a run takes now, by the ends of its series: little is read, because it is asked for every second. */

const TAIL_BYTES = 4096;
const MOST_METRICS = 4;

export function useOf({ resource_request: asked, metrics }: OpenedData, paths: RunPaths): RunUse {
  const usage = parseUsage(endOf(join(paths.receipt, USAGE_FILE))).points.at(-1);
  const last = parseMetricSeries(endOf(join(paths.folder, METRIC_SERIES_FILE))).points.at(-1)?.values ?? {};
  const declared = [metrics?.primary?.name ?? '', ...(metrics?.others ?? [])].filter((name) => name in last);
  const names = [...new Set([...declared, ...Object.keys(last).sort()])].slice(0, MOST_METRICS);
  const memory = asked.memory_mb ?? 0;
  return {
    time_limit_seconds: asked.time_seconds,
    memory_bytes: usage?.memory_bytes ?? null,
    memory_requested_bytes: memory === 0 ? null : memory * 1024 * 1024,
    metrics: names.map((name) => ({ name, value: last[name] ?? 0 })),
  };
}

/** Its last complete lines; empty if there is no such file. */
function endOf(path: string): string {
  const stats = lstatOrNull(path);
  if (stats?.isFile() !== true) return '';
  const tail = readTail(path, TAIL_BYTES) ?? '';
  const from = stats.size > TAIL_BYTES ? tail.indexOf('\n') + 1 : 0;
  return tail.slice(from, tail.lastIndexOf('\n') + 1);
}
