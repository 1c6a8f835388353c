import type { Recommendation } from '../errors/failure.ts';
import { type Progress, progressOf } from './progress.ts';

/** Recommendations with round numbers. Pure. */

/** Usual limits: 1, 2, 3, 5, 10, 15, 20, 30, 45 minutes; 1, 1.5, 2, 3, 4, 6, 8, 12, 18, 24 hours; whole days. */
const STEPS_SECONDS = [
  60, 120, 180, 300, 600, 900, 1200, 1800, 2700, 3600, 5400, 7200, 10_800, 14_400, 21_600, 28_800, 43_200, 64_800,
  86_400,
];

export function roundedDuration(seconds: number): number {
  const step = STEPS_SECONDS.find((candidate) => candidate >= seconds);
  return step ?? Math.ceil(seconds / 86_400) * 86_400;
}

/** What a rounded suggestion is of twice a limit, in words. */
export function timesAs(limit: number, suggested: number): string {
  return suggested === 2 * limit ? 'twice' : 'more than twice';
}

/** `HH:MM:SS`, or `D-HH:MM:SS` from a day on: Slurm's forms. */
export function formatDuration(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const days = Math.floor(seconds / 86_400);
  const rest = seconds % 86_400;
  const clock = `${two(Math.floor(rest / 3600))}:${two(Math.floor((rest % 3600) / 60))}:${two(Math.floor(rest % 60))}`;
  return days === 0 ? clock : `${days}-${clock}`;
}

/** Usual limits, in megabytes, below a gigabyte; from there on 1, 1.5, 2, 3, 4, 6, 8, 12, 16 … gigabytes. */
const STEPS_MB = [60, 80, 100, 150, 200, 300, 400, 600, 800];

export function roundedMemoryMb(megabytes: number): number {
  const step = STEPS_MB.find((candidate) => candidate >= megabytes);
  if (step !== undefined) return step;
  const power = 1024 * 2 ** Math.max(0, Math.floor(Math.log2(megabytes / 1024)));
  return [1, 1.5, 2].map((times) => times * power).find((candidate) => candidate >= megabytes) ?? 2 * power;
}

export function formatMemory(megabytes: number): string {
  return megabytes % 1024 === 0 ? `${megabytes / 1024}G` : `${megabytes}M`;
}

/** The margin on the log's progress: a run slows down, and the last line of a log is not its last moment. */
const MARGIN = 1.25;
/** Below this share the log says too little about the rest. */
const LEAST_SHARE = 0.02;

/** `logTail`: the end of the run's log, which shows how far the run got. `who` was stopped. */
export function moreTime(
  iterationId: string,
  current: string | null,
  limitSeconds: number,
  logTail: string | null = null,
  who = 'the run',
): Recommendation {
  const progress = progressOf(logTail ?? '');
  const stopped = `${who} was stopped at its limit of ${formatDuration(limitSeconds)}`;
  const place = { file: `experiments/${iterationId}/design.yaml`, pointer: '/compute/time', current };
  if (progress === null || !saysHowLong(progress.share)) {
    const suggested = roundedDuration(limitSeconds * 2);
    const why = `${stopped}; this is ${timesAs(limitSeconds, suggested)} that, since ${unclearProgress(logTail, progress)}`;
    return { ...place, suggested: formatDuration(suggested), why };
  }
  const needed = (limitSeconds / progress.share) * MARGIN;
  return {
    ...place,
    suggested: formatDuration(roundedDuration(needed)),
    why: `${stopped}, and its log got as far as "${progress.words}": the whole would take about ${formatDuration(Math.ceil(limitSeconds / progress.share))}, and a quarter more is safe`,
  };
}

/** Whether such a share of the work says how long the whole would take. */
export function saysHowLong(share: number): boolean {
  return share >= LEAST_SHARE && share < 1;
}

/** No more than the end of the log was read. */
function unclearProgress(logTail: string | null, progress: Progress | null): string {
  if (logTail === null) return 'no log says how far it was';
  return progress === null
    ? 'the end of its log has neither a count such as 3/10 nor a percentage'
    : `the last count in its log is "${progress.words}"`;
}

/** `peakBytes`: null or 0 if nothing was measured, as after many out-of-memory kills. */
export function moreMemory(
  iterationId: string,
  current: string | null,
  limitMb: number | null,
  peakBytes: number | null,
  who = 'the run',
): Recommendation {
  const peakMb = Math.ceil((peakBytes ?? 0) / 1024 / 1024);
  const place = { file: `experiments/${iterationId}/design.yaml`, pointer: '/compute/memory', current };
  const killed = `${who} was killed because it ran out of memory`;
  if (peakMb === 0 && limitMb === null)
    return { ...place, suggested: null, why: `${killed}; neither its limit nor what it used is known` };
  const suggested = roundedMemoryMb(2 * Math.max(limitMb ?? 0, peakMb));
  return {
    ...place,
    suggested: formatMemory(suggested),
    why:
      peakMb > 0
        ? `${killed} with ${formatMemory(peakMb)} in use when last measured`
        : `${killed}, and what it used was not measured: this is ${timesAs(limitMb ?? 0, suggested)} its limit`,
  };
}
