import { growingDelay, grown } from './growing-delay.ts';
import {
  allProcesses,
  processesCalled,
  processesWithEnvironment,
  type ProcessFacts,
  processName,
  processTreeOf,
  signalProcess,
} from './process-tree.ts';
import { monotonicMs, sleep } from './time.ts';

/** Ends everything that belongs to a run: SIGTERM first, SIGKILL later. */

const FIRST_LOOK = growingDelay(5, 100);

export interface RunProcesses {
  /** Session leader of the entrypoint; null if it is not known any more. */
  readonly leader: number | null;
  /**
   * `AUTOLAB_RUN_DIR=…`: marks every process that the entrypoint started, whatever session it moved to. It is the
   * folder and not the run id, because two projects on one host may have runs with the same id.
   */
  readonly mark: string;
  /** Never ended: the caller itself. */
  readonly spare: readonly number[];
}

function findRunProcesses(what: RunProcesses): readonly ProcessFacts[] {
  const all = allProcesses();
  const found = new Map<number, ProcessFacts>();
  if (what.leader !== null) for (const facts of processTreeOf(what.leader, all)) found.set(facts.pid, facts);
  for (const facts of processesWithEnvironment(what.mark, all)) found.set(facts.pid, facts);
  for (const pid of what.spare) found.delete(pid);
  return [...found.values()];
}

/** Kills every process that has this word as an argument, and waits until all are gone. */
export async function endProcessesCalled(word: string): Promise<void> {
  const limit = monotonicMs() + 30_000;
  for (let found = processesCalled(word); found.length > 0 && monotonicMs() < limit; found = processesCalled(word)) {
    for (const facts of found) signalProcess(facts, 'SIGKILL');
    await sleep(20);
  }
}

/**
 * Sends SIGTERM, waits up to `graceMs`, sends SIGKILL, and waits until all are gone. Returns the names and pids of the
 * processes that were ended.
 */
export async function endRunProcesses(what: RunProcesses, graceMs: number): Promise<readonly string[]> {
  const ended = new Map<number, string>();
  const remember = (found: readonly ProcessFacts[]): void => {
    for (const { pid } of found) if (!ended.has(pid)) ended.set(pid, `${processName(pid)} (${pid})`);
  };
  let found = findRunProcesses(what);
  remember(found);
  for (const facts of found) signalProcess(facts, 'SIGTERM');
  const deadline = monotonicMs() + graceMs;
  for (let delay = FIRST_LOOK; found.length > 0 && monotonicMs() < deadline; delay = grown(delay)) {
    await sleep(delay.ms);
    found = findRunProcesses(what);
  }
  // New processes can be born meanwhile; an uninterruptible one dies when its system call ends. The loop is bounded.
  const limit = monotonicMs() + 30_000;
  for (; found.length > 0 && monotonicMs() < limit; found = findRunProcesses(what)) {
    remember(found);
    for (const facts of found) signalProcess(facts, 'SIGKILL');
    await sleep(20);
  }
  return [...ended.values()];
}
