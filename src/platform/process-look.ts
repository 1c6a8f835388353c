import { readFileSync } from 'node:fs';
import { allPids, commandLineOf, environmentOf, type ProcessFacts, processFacts } from './process-tree.ts';
import { monotonicMs, sleep } from './time.ts';

/**
 * A look at the processes of this host from which none escapes by forking. The kernel lists processes one by one, so a
 * process that forks and ends meanwhile may be listed nowhere: neither it, which is gone when it is looked at, nor its
 * child, which the list had no place for. /proc/loadavg names the newest pid, so those that began during the look are
 * looked at, too, until there are no new ones.
 */

export interface Seen extends ProcessFacts {
  /**
   * Whether its environment has one of the marks. `becoming`: it is between two programs, and has none right now;
   * `older`: it began before the run.
   */
  readonly mark: 'yes' | 'no' | 'hidden' | 'becoming' | 'older';
}

export interface LookFor {
  /** `NAME=value`, as in the environment. */
  readonly marks: readonly string[];
  /** When the run began, as a start time of `ProcessFacts`; null if it is not known. */
  readonly since: string | null;
}

/** A process that begins others without an end, or a load average that is not the kernel's, must not keep us. */
const MOST_BORN = 5_000;
/** To look at more numbers than these, one by one, takes longer than to look at all processes. */
const MOST_BORN_QUICKLY = 500;
/** Becoming another program takes no longer, except from a slow disk. */
const LONGEST_BECOMING_MS = 1_000;

/** Looks again at those that are becoming another program: until they are, it cannot be said whose they are. */
export async function lookAtProcesses(wanted: LookFor): Promise<readonly Seen[]> {
  const limit = monotonicMs() + LONGEST_BECOMING_MS;
  for (;;) {
    const seen = glanceAtProcesses(wanted);
    if (!seen.some(({ mark }) => mark === 'becoming') || monotonicMs() > limit) return seen;
    await sleep(1);
  }
}

/** One look; without `wanted`, no environment is read. Those `known` are taken as they are. */
export function glanceAtProcesses(wanted: LookFor | null, known?: ReadonlyMap<number, Seen>): readonly Seen[] {
  const seen = new Map<number, Seen>();
  const add = (pid: number): void => {
    const one = known?.get(pid) ?? seeProcess(pid, wanted);
    if (one !== null) seen.set(pid, one);
  };
  let newest = newestPid();
  for (const pid of allPids()) add(pid);
  for (let rest = MOST_BORN; rest > 0;) {
    const now = newestPid();
    const born = bornBetween(newest, now);
    if (born.length === 0) break;
    for (const pid of born.slice(0, rest)) if (!isThread(pid)) add(pid);
    rest -= born.length;
    newest = now;
  }
  return [...seen.values()];
}

/** Those that live of the processes that began since that pid was the newest; all, if that is not known. */
export function lookAtBorn(newest: number | null, wanted: LookFor): readonly Seen[] {
  const now = newestPid();
  if (newest === null || now === null || now < newest || now - newest > MOST_BORN_QUICKLY)
    return glanceAtProcesses(wanted);
  return bornBetween(newest, now).flatMap((pid) => {
    const seen = seeProcess(pid, wanted);
    return seen === null || isThread(pid) ? [] : [seen];
  });
}

/** The pid that the kernel gave last, in our pid namespace; null if it does not say. proc_loadavg(5), the last field. */
export function newestPid(): number | null {
  try {
    return Number(readFileSync('/proc/loadavg', 'utf8').trim().split(' ')[4] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}

function bornBetween(before: number | null, now: number | null): readonly number[] {
  if (before === null || now === null || now === before) return [];
  // The numbers began anew, or there are too many to try each.
  if (now < before || now - before > MOST_BORN) return allPids();
  return Array.from({ length: now - before }, (_, index) => before + 1 + index);
}

/** Threads have numbers of the same kind, and are in no list. */
function isThread(pid: number): boolean {
  try {
    return /^Tgid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] !== String(pid);
  } catch {
    return true;
  }
}

function seeProcess(pid: number, wanted: LookFor | null): Seen | null {
  const facts = processFacts(pid);
  if (facts === null) return null;
  if (wanted === null) return { ...facts, mark: facts.ofKernel ? 'older' : 'no' };
  const { marks, since } = wanted;
  const older = facts.ofKernel || (since !== null && Number(facts.startTime) < Number(since));
  return { ...facts, mark: older ? 'older' : markOf(facts, marks) };
}

function markOf(facts: ProcessFacts, marks: readonly string[]): Seen['mark'] {
  const { pid, isExiting } = facts;
  const environment = environmentOf(facts);
  if (environment === null) return 'hidden';
  if (environment === '') return !isExiting && commandLineOf(pid).join('') === '' ? 'becoming' : 'no';
  return environment.split('\0').some((variable) => marks.includes(variable)) ? 'yes' : 'no';
}
