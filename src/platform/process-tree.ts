import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { errorCodeOf } from './files.ts';
import { statFields } from './host.ts';

/** Processes as /proc shows them, each file of each process a few system calls: a look reads what it needs, the cheapest first. */

export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTime: string;
  /** Clock ticks of the process itself and of the children that it waited for. */
  readonly cpuTicks: number;
  readonly rssBytes: number;
  /** It has no program, and no environment. */
  readonly ofKernel: boolean;
  /** By a signal or a debugger. */
  readonly isStopped: boolean;
  /** It is about to end, or its first thread has: of that one there is no environment any more. */
  readonly isExiting: boolean;
}

const PAGE = 4096;
/** include/linux/sched.h */
const PF_KTHREAD = 0x0020_0000;
const PF_EXITING = 0x4;
/** USER_HZ, which the kernel fixes at 100 for user space on every architecture that Node runs on. */
export const TICKS_PER_SECOND = 100;

/** Null if it has ended, a zombie included: but not one whose first thread has ended, and others have not. */
export function processFacts(pid: number): ProcessFacts | null {
  const fields = statFields(pid);
  if (fields === null || fields[0] === 'X') return null;
  const number = (index: number): number => Number(fields[index] ?? 0);
  if (fields[0] === 'Z' && number(17) <= 1) return null;
  return {
    pid,
    parent: number(1),
    group: number(2),
    session: number(3),
    startTime: fields[19] ?? '',
    cpuTicks: number(11) + number(12) + number(13) + number(14),
    rssBytes: number(21) * PAGE,
    ofKernel: (number(6) & PF_KTHREAD) !== 0,
    isStopped: fields[0] === 'T',
    isExiting: (number(6) & PF_EXITING) !== 0,
  };
}

/** As the kernel lists them, which it does one by one: those that begin meanwhile may be missing. */
export function allPids(): readonly number[] {
  return numbersIn('/proc');
}

function numbersIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function allProcesses(): readonly ProcessFacts[] {
  return allPids()
    .map(processFacts)
    .filter((facts) => facts !== null);
}

/** A process, and those that it and its children began, as far as their parents live. */
export function familyOf(pid: number): readonly ProcessFacts[] {
  const facts = processFacts(pid);
  return facts === null ? [] : [facts, ...childrenOf(pid).flatMap(familyOf)];
}

/** proc_pid_task_children(5): of all its threads. */
function childrenOf(pid: number): readonly number[] {
  return numbersIn(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
    } catch {
      return [];
    }
  });
}

/** A process by its command line, which is empty while it begins or ends, and if it is the kernel's. */
export interface CalledProcess {
  readonly pid: number;
  readonly words: readonly string[];
}

/** All but this one and the threads of the kernel that kthreadd lists: those are most processes of an idle host. */
export function calledProcesses(): readonly CalledProcess[] {
  const listed = allPids();
  // Asked after the list, so that a process whose number a thread has by now has ended.
  const left = new Set([process.pid, ...kernelThreads()]);
  return listed.filter((pid) => !left.has(pid)).map((pid) => ({ pid, words: commandLineOf(pid) }));
}

/** kthreadd, which began them all, has number 2, outside of containers. */
const KTHREADD = 2;

function kernelThreads(): readonly number[] {
  return processFacts(KTHREADD)?.ofKernel === true ? [KTHREADD, ...childrenOf(KTHREADD)] : [];
}

/** `NAME=value`, each with a NUL behind it; null if it may not be read, or the process has ended. */
export function environmentOf({ pid, isExiting }: ProcessFacts): string | null {
  if (!isExiting) return environmentIn(`/proc/${pid}`);
  // If its first thread has ended, one of the others has it.
  const ofThreads = numbersIn(`/proc/${pid}/task`).map((thread) => environmentIn(`/proc/${pid}/task/${thread}`));
  return ofThreads.find((environment) => environment !== null && environment !== '') ?? '';
}

function environmentIn(folder: string): string | null {
  try {
    return readFileSync(`${folder}/environ`, 'utf8');
  } catch {
    return null;
  }
}

/** Processes with a variable of this name whose value begins like one of these, and the value. */
export function processesWithVariable(
  name: string,
  beginnings: readonly string[],
  processes: readonly CalledProcess[],
): readonly { readonly facts: ProcessFacts; readonly value: string }[] {
  const wanted = beginnings.map((beginning) => `${name}=${beginning}`);
  return processes.flatMap((one) => {
    const text = environmentOfCalled(one);
    // Most processes have no such variable: without splitting, a look at all of them stays cheap.
    if (!wanted.some((start) => text.includes(start))) return [];
    const found = text.split('\0').find((entry) => wanted.some((start) => entry.startsWith(start)));
    const facts = found === undefined ? null : processFacts(one.pid);
    return found === undefined || facts === null ? [] : [{ facts, value: found.slice(name.length + 1) }];
  });
}

/** Empty if there is none, or it may not be read. */
function environmentOfCalled({ pid, words }: CalledProcess): string {
  if (words.some((word) => word !== '')) return environmentIn(`/proc/${pid}`) ?? '';
  const facts = processFacts(pid);
  return facts === null || facts.ofKernel ? '' : (environmentOf(facts) ?? '');
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

/**
 * Proportional memory of a process: of each page its share, so that the sum over processes is what they use. Null if
 * unknown. proc_pid_smaps_rollup, since Linux 4.14. The kernel takes about a millisecond for each gigabyte.
 */
export function pssOf(pid: number): number | null {
  try {
    const match = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'));
    return match === null ? null : Number(match[1]) * 1024;
  } catch {
    return null;
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

/** Its user; null if it has ended. */
export function userOf(pid: number): number | null {
  try {
    return lstatSync(`/proc/${pid}`).uid;
  } catch {
    return null;
  }
}

/** `gone`: it has ended, and its pid may be another's. `denied`: it belongs to another user. */
export type Signalled = 'sent' | 'gone' | 'denied';

/** Sends a signal, unless the pid now belongs to another process. */
export function signalProcess(
  { pid, startTime }: Pick<ProcessFacts, 'pid' | 'startTime'>,
  signal: NodeJS.Signals,
): Signalled {
  if (processFacts(pid)?.startTime !== startTime) return 'gone';
  try {
    process.kill(pid, signal);
    return 'sent';
  } catch (error) {
    return errorCodeOf(error) === 'EPERM' ? 'denied' : 'gone';
  }
}

/** Sends a signal to a process group, of which every member gets it at the same instant. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch {
    // It has no members any more, or those of another user.
  }
}

/** For a process that is known to be the run's at this instant. */
export function killPid(pid: number): void {
  try {
    if (pid > 0) process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, or is another user's.
  }
}
