import { formatDuration, formatMemory, roundedDuration, roundedMemoryMb } from '../../run/recommend.ts';

/** What runs of one program say about the limits of the next one. Pure. */

/** What an ended run asked for and used; null for what is not known. */
export interface UsedRun {
  readonly end: 'completed' | 'timeout' | 'out_of_memory' | 'failed';
  readonly time_limit_seconds: number | null;
  readonly running_seconds: number | null;
  readonly memory_limit_mb: number | null;
  readonly peak_memory_bytes: number | null;
  readonly cpus: number | null;
  readonly cpu_seconds: number | null;
}

/** What the design asks for. */
export interface AskedLimits {
  readonly time_seconds: number | null;
  /** Of a node; null if it is asked for in another way, or not at all. */
  readonly memory_mb: number | null;
  readonly cpus: number | null;
  /** Several processes or nodes: what is measured is not what a node needs. */
  readonly spread: boolean;
}

export interface UsageAdvice {
  readonly resource: 'time' | 'memory' | 'cpus';
  readonly suggested: string;
  readonly why: string;
  /** How many runs speak for it. */
  readonly runs: number;
}

/** Fewer completed runs say nothing about what is too much. */
export const LEAST_RUNS = 3;
/** Upon the most that was used: runs with other data or on another node take longer; memory varies less. */
const TIME_MARGIN = 1.5;
const MEMORY_MARGIN = 1.2;
const CPU_MARGIN = 1.1;
/** Below these, a smaller request is not worth an edit. */
const WORTH_SECONDS = 600;
const WORTH_MB = 512;
/** A smaller request is advised if it is at most this share of the present one. */
const WORTH_SHARE = 0.75;
/** Less than that much of a limit left is too little. */
const TIGHT_SHARE = 0.9;
/** Processors are idle if no run kept half of them busy; a short run says nothing. */
const IDLE_SHARE = 0.5;
const LONG_ENOUGH_SECONDS = 60;

export function adviceFrom(runs: readonly UsedRun[], asked: AskedLimits): readonly UsageAdvice[] {
  const completed = runs.filter(({ end }) => end === 'completed');
  return [
    timeAdvice(runs, completed, asked.time_seconds),
    asked.spread ? null : memoryAdvice(runs, completed, asked.memory_mb),
    asked.spread ? null : cpuAdvice(completed, asked.cpus),
  ].flatMap((advice) => advice ?? []);
}

function most(values: readonly (number | null)[]): number {
  return Math.max(0, ...values.map((value) => value ?? 0));
}

function timeAdvice(all: readonly UsedRun[], completed: readonly UsedRun[], limit: number | null): UsageAdvice | null {
  if (limit === null) return null;
  const stopped = all.filter(({ end, time_limit_seconds: own }) => end === 'timeout' && own !== null && own >= limit);
  const measured = completed.filter(({ running_seconds: own }) => own !== null);
  const longest = most(measured.map(({ running_seconds: own }) => own));
  if (stopped.length > 0 && longest < limit) {
    const suggested = roundedDuration(2 * most(stopped.map(({ time_limit_seconds: own }) => own)));
    const why = `${counted(stopped.length)} reached a limit of ${formatDuration(limit)} or more`;
    return { resource: 'time', suggested: formatDuration(suggested), why, runs: stopped.length };
  }
  const suggested = roundedDuration(longest * TIME_MARGIN);
  const words = `asked ${formatDuration(limit)}, used at most ${formatDuration(Math.ceil(longest))} in ${counted(measured.length)}`;
  const advice = { resource: 'time', suggested: formatDuration(suggested), why: words, runs: measured.length } as const;
  if (longest > limit * TIGHT_SHARE && suggested > limit) return advice;
  const isWorth = limit - suggested >= WORTH_SECONDS && suggested <= limit * WORTH_SHARE;
  return measured.length >= LEAST_RUNS && isWorth ? advice : null;
}

const MEBIBYTE = 1024 * 1024;

function memoryAdvice(
  all: readonly UsedRun[],
  completed: readonly UsedRun[],
  limit: number | null,
): UsageAdvice | null {
  if (limit === null || limit === 0) return null;
  const killed = all.filter(({ end, memory_limit_mb: own }) => end === 'out_of_memory' && own !== null && own >= limit);
  const measured = completed.filter(({ peak_memory_bytes: own }) => own !== null);
  const peak = most(measured.map(({ peak_memory_bytes: own }) => own)) / MEBIBYTE;
  if (killed.length > 0 && peak < limit) {
    const suggested = roundedMemoryMb(2 * most(killed.map(({ memory_limit_mb: own }) => own)));
    const why = `${counted(killed.length)} ran out of ${formatMemory(limit)} or more`;
    return { resource: 'memory', suggested: formatMemory(suggested), why, runs: killed.length };
  }
  const suggested = roundedMemoryMb(peak * MEMORY_MARGIN);
  const words = `asked ${formatMemory(limit)}, used at most ${gibibytes(peak)} in ${counted(measured.length)}`;
  const advice = { resource: 'memory', suggested: formatMemory(suggested), why: words, runs: measured.length } as const;
  if (peak > limit * TIGHT_SHARE && suggested > limit) return advice;
  const isWorth = limit - suggested >= WORTH_MB && suggested <= limit * WORTH_SHARE;
  return measured.length >= LEAST_RUNS && isWorth ? advice : null;
}

/** As in a request: `9.8G`. */
function gibibytes(megabytes: number): string {
  return megabytes < 1024 ? `${Math.ceil(megabytes)}M` : `${Math.ceil((megabytes / 1024) * 10) / 10}G`;
}

function cpuAdvice(completed: readonly UsedRun[], cpus: number | null): UsageAdvice | null {
  if (cpus === null || cpus < 2) return null;
  const busy = completed.flatMap(({ cpu_seconds: used, running_seconds: ran }) =>
    used === null || ran === null || ran < LONG_ENOUGH_SECONDS ? [] : [used / ran],
  );
  const busiest = most(busy);
  const suggested = Math.max(1, Math.ceil(busiest * CPU_MARGIN));
  if (busy.length < LEAST_RUNS || busiest >= cpus * IDLE_SHARE || suggested >= cpus) return null;
  const why = `asked ${cpus} CPUs, kept at most ${busiest.toFixed(1)} busy in ${counted(busy.length)}`;
  return { resource: 'cpus', suggested: String(suggested), why, runs: busy.length };
}

function counted(runs: number): string {
  return runs === 1 ? '1 run' : `${runs} runs`;
}
