import type { JobEnd } from './job-end.ts';

/** What a job used and what it had, as seff(1) reports it. Pure. */

export interface JobUsage {
  readonly wall_seconds: number | null;
  readonly cpu_seconds: number | null;
  readonly max_rss_bytes: number | null;
  readonly source: string;
  readonly samples: number | null;
}

/** The manifest's `usage.used`; null for a job that never started. */
export function usageOf(end: JobEnd): JobUsage | null {
  if (end.startedAt === null && (end.elapsedSeconds ?? 0) === 0) return null;
  return {
    wall_seconds: end.elapsedSeconds,
    cpu_seconds: end.cpuSeconds,
    max_rss_bytes: end.maxRssBytes,
    source: end.source,
    samples: null,
  };
}

/** One sentence for each resource for which both sides are known. */
export function efficiencyOf(end: JobEnd): readonly string[] {
  const lines: string[] = [];
  const { elapsedSeconds: elapsed, timeLimitSeconds: limit, allocatedCpus: cpus, cpuSeconds, maxRssBytes } = end;
  if (elapsed !== null && limit !== null) lines.push(`time: ${elapsed} of ${limit} s (${share(elapsed, limit)})`);
  if (cpuSeconds !== null && cpus !== null && elapsed !== null && elapsed > 0)
    lines.push(
      `processors: ${cpuSeconds.toFixed(1)} of ${cpus * elapsed} core-seconds on ${cpus} (${share(cpuSeconds, cpus * elapsed)})`,
    );
  const memory = memoryOf(end);
  if (maxRssBytes !== null && memory !== null)
    lines.push(`memory: ${mebibytes(maxRssBytes)} of ${mebibytes(memory)} MiB (${share(maxRssBytes, memory)})`);
  return lines;
}

/** The grant per node; null if the number of processors per node would be a guess. */
function memoryOf({ requestedMemory, allocatedCpus }: JobEnd): number | null {
  if (requestedMemory === null) return null;
  if (requestedMemory.per !== 'cpu') return requestedMemory.bytes;
  return allocatedCpus === null ? null : requestedMemory.bytes * allocatedCpus;
}

function share(part: number, whole: number): string {
  return whole === 0 ? 'of nothing' : `${Math.round((100 * part) / whole)} %`;
}

function mebibytes(bytes: number): string {
  return String(Math.round(bytes / 2 ** 20));
}
