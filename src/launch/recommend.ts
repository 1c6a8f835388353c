import type { Recommendation } from '../errors/failure.ts';

/** Advice with numbers, rounded as a person would. Pure. */

/** Seconds that people write: 1, 2, 5, 10, 15, 20, 30, 45 minutes; 1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24 hours; then whole days. */
const STEPS_SECONDS = [
  60, 120, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 64_800, 86_400,
];

export function roundedDuration(seconds: number): number {
  const step = STEPS_SECONDS.find((candidate) => candidate >= seconds);
  return step ?? Math.ceil(seconds / 86_400) * 86_400;
}

/** `HH:MM:SS`, or `D-HH:MM:SS` from a day on: Slurm's forms. */
export function formatDuration(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const rest = seconds % 86_400;
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor((rest % 3600) / 60))}:${two(Math.floor(rest % 60))}`;
  return days === 0 ? clock : `${String(days)}-${clock}`;
}

/** Whole gigabytes from 1 GB on, else the next power of two in megabytes. */
export function roundedMemoryMb(megabytes: number): number {
  if (megabytes >= 1024) return Math.ceil(megabytes / 1024) * 1024;
  return 2 ** Math.ceil(Math.log2(Math.max(64, megabytes)));
}

export function formatMemory(megabytes: number): string {
  return megabytes % 1024 === 0 ? `${String(megabytes / 1024)}G` : `${String(megabytes)}M`;
}

export function moreTime(iterationId: string, current: string | null, limitSeconds: number): Recommendation {
  return {
    file: `experiments/${iterationId}/design.yaml`,
    pointer: '/compute/time',
    current,
    suggested: formatDuration(roundedDuration(limitSeconds * 2)),
    why: `the run was stopped at its limit of ${formatDuration(limitSeconds)}; twice that, unless its log says how far it still had to go`,
  };
}

export function moreMemory(
  iterationId: string,
  current: string | null,
  limitMb: number | null,
  peakBytes: number,
): Recommendation {
  const peakMb = Math.ceil(peakBytes / 1024 / 1024);
  return {
    file: `experiments/${iterationId}/design.yaml`,
    pointer: '/compute/memory',
    current,
    suggested: formatMemory(roundedMemoryMb(2 * Math.max(limitMb ?? 0, peakMb))),
    why: `the run was killed for want of memory with ${formatMemory(peakMb)} in use when last measured`,
  };
}
