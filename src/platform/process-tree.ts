import { readdirSync, readFileSync } from 'node:fs';
import { statFields } from './host.ts';

/** Processes as /proc shows them. One scan reads one small file per process. */

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: string;
  /** Clock ticks of the process itself and of the children that it waited for. */
  readonly cpuTicks: number;
  readonly rssBytes: number;
}

const PAGE = 4096;
/** USER_HZ, which the kernel fixes at 100 for user space on every architecture that Node runs on. */
export const TICKS_PER_SECOND = 100;

function factsOf(pid: number): ProcessFacts | null {
  const fields = statFields(pid);
  if (fields === null || fields[0] === 'Z' || fields[0] === 'X') return null;
  const number = (index: number): number => Number(fields[index] ?? 0);
  return {
    pid,
    parent: number(1),
    group: number(2),
    session: number(3),
    startTime: fields[19] ?? '',
    cpuTicks: number(11) + number(12) + number(13) + number(14),
    rssBytes: number(21) * PAGE,
  };
}

export function allProcesses(): readonly ProcessFacts[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [];
  }
  return names
    .filter((name) => /^\d+$/.test(name))
    .map((name) => factsOf(Number(name)))
    .filter((facts) => facts !== null);
}

/** Members of a session and descendants of its leader. */
export function processTreeOf(leader: number, processes: readonly ProcessFacts[]): readonly ProcessFacts[] {
  const inside = new Set<number>([leader]);
  for (let grew = true; grew;) {
    grew = false;
    for (const { pid, parent, session } of processes) {
      if (inside.has(pid) || !(session === leader || inside.has(parent))) continue;
      inside.add(pid);
      grew = true;
    }
  }
  return processes.filter(({ pid }) => inside.has(pid));
}

/** Processes that carry `NAME=value` in their environment, whatever session they moved to. */
export function processesWithEnvironment(
  assignment: string,
  processes: readonly ProcessFacts[],
): readonly ProcessFacts[] {
  return processes.filter(({ pid }) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(assignment);
    } catch {
      return false;
    }
  });
}

/** Processes that have this word on their command line. */
export function processesCalled(
  word: string,
  processes: readonly ProcessFacts[] = allProcesses(),
): readonly ProcessFacts[] {
  return processes.filter(({ pid }) => commandLineOf(pid).includes(word));
}

/** Its command line; empty if it has ended. */
export function commandLineOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

/** Peak resident memory of one process so far, by the kernel; 0 if unknown. */
export function peakRssOf(pid: number): number {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match === null ? 0 : Number(match[1]) * 1024;
  } catch {
    return 0;
  }
}

export function processName(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '?';
  }
}

/** Clock ticks of all children that this process has waited for, and of theirs: rusage without a system call. */
export function waitedForTicks(): number {
  const fields = statFields(process.pid);
  return fields === null ? 0 : Number(fields[13] ?? 0) + Number(fields[14] ?? 0);
}

/** Sends a signal, unless the pid now belongs to another process. */
export function signalProcess(facts: Pick<ProcessFacts, 'pid' | 'startTime'>, signal: NodeJS.Signals): void {
  if (factsOf(facts.pid)?.startTime !== facts.startTime) return;
  try {
    process.kill(facts.pid, signal);
  } catch {
    // It ended between the check and the signal.
  }
}
