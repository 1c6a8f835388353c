import { growingDelay, grown } from './growing-delay.ts';
import { type Kin, kinOf, nextKin } from './kin.ts';
import { glanceAtProcesses, lookAtProcesses, newestPid, type Seen } from './process-look.ts';
import {
  killPid,
  processesCalled,
  processFacts,
  processName,
  signalGroup,
  signalProcess,
  userOf,
} from './process-tree.ts';
import { isPopulated, killCgroup, membersOf } from './run-cgroup.ts';
import { knownStrangers, NO_STRANGERS, type Strangers, strangersIn } from './strangers.ts';
import { monotonicMs, sleep } from './time.ts';

/** Ends everything that belongs to a run: SIGTERM first, SIGKILL later. */

const FIRST_LOOK = growingDelay(5, 100);
/** Between the two looks that must find nothing. */
const SECOND_LOOK_MS = 5;
/** An uninterruptible process dies when its system call ends. */
const LONGEST_KILL_MS = 30_000;
/** Rounds of stopping those that begin others; the last ones are killed where they stand. */
const STOP_ROUNDS = 20;

export interface RunProcesses {
  /** Session leader of the entrypoint; null if it is not known any more. */
  readonly leader: { readonly pid: number; readonly startTime: string } | null;
  /**
   * `AUTOLAB_RUN_DIR=…`: marks every process that the entrypoint started, whatever session it moved to. It is the
   * folder and not the run id, because two projects on one host may have runs with the same id. Several, if the folder
   * has had several paths.
   */
  readonly marks: readonly string[];
  /** Start time of the supervisor: nothing older belongs to the run. Null if it is not known. */
  readonly since: string | null;
  /** Never ended: the caller itself. */
  readonly spare: readonly number[];
  /** Others that are known to be the run's, and that lead no session. */
  readonly adopted?: readonly { readonly pid: number; readonly startTime: string }[];
  /** The folder of the cgroup that the run has to itself, if it has one. */
  readonly cgroup?: string | null;
}

/** Each as `name (pid)`. */
export interface Ending {
  readonly ended: readonly string[];
  /** Those that live on, with the reason: another user's, or stuck in the kernel. */
  readonly survivors: readonly string[];
  /** /proc does not show the processes of other users (`hidepid`): those of the run, if any, live on. */
  readonly othersHidden: boolean;
}

/** The processes of a run, followed from look to look. */
export class RunKin {
  private readonly what: RunProcesses;
  private kin: Kin;
  private groups: readonly number[] = [];
  private strangers: Strangers = NO_STRANGERS;

  constructor(what: RunProcesses) {
    this.what = what;
    this.kin = kinOf(what.leader, monotonicMs());
    for (const one of what.adopted ?? []) this.adopt(one);
  }

  /** One that is known to be the run's, whatever its environment says. */
  adopt({ pid, startTime }: { readonly pid: number; readonly startTime: string }): void {
    this.kin = { ...this.kin, processes: new Map(this.kin.processes).set(pid, startTime) };
  }

  /** Those that live. */
  async look(): Promise<readonly Seen[]> {
    return this.note(await lookAtProcesses(this.what));
  }

  /**
   * The same at once, for a sample while the run continues: what was seen once is recognised later. `thorough`: also by
   * their environment, which takes longer, as looking again at all the others does.
   */
  glance(thorough: boolean): readonly Seen[] {
    const newest = newestPid();
    const at = monotonicMs();
    const known = thorough ? undefined : knownStrangers(this.strangers, { newest, at });
    const seen = glanceAtProcesses(thorough ? this.what : null, known);
    const members = this.note(seen);
    this.strangers = strangersIn(seen, members, { newest, at });
    return members;
  }

  /** Kills the groups that only the run has members in: at once, so that a child that is being made dies, too. */
  killGroups(): void {
    for (const group of this.groups) signalGroup(group, 'SIGKILL');
  }

  /** The same for the run's cgroup, and whatever is in it that cannot be seen. */
  killCgroup(): void {
    const { cgroup = null } = this.what;
    if (cgroup === null) return;
    killCgroup(cgroup, (pids) => {
      for (const pid of pids) killPid(pid);
    });
  }

  /** Whether something lives in the run's cgroup, seen or not. */
  isPopulated(): boolean {
    const { cgroup = null } = this.what;
    return cgroup !== null && isPopulated(cgroup);
  }

  private note(seen: readonly Seen[]): readonly Seen[] {
    const { spare, cgroup = null } = this.what;
    const contained = cgroup === null ? [] : membersOf(cgroup);
    const { kin, members } = nextKin(this.kin, { seen, at: monotonicMs(), spare, contained });
    this.kin = kin;
    const others = new Set(seen.filter(({ pid }) => !kin.processes.has(pid)).map(({ group }) => group));
    this.groups = [...new Set(members.map(({ group }) => group))].filter((group) => group > 1 && !others.has(group));
    return members;
  }
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
 * Sends SIGTERM, waits up to `graceMs`, sends SIGKILL, and waits until all are gone, which two looks in a row must show.
 */
export async function endRunProcesses(run: RunProcesses | RunKin, graceMs: number): Promise<Ending> {
  const kin = run instanceof RunKin ? run : new RunKin(run);
  const names = new Map<string, string>();
  const denied = new Map<string, Seen>();
  const signal = (found: readonly Seen[], name: NodeJS.Signals): void => {
    for (const one of found) {
      if (!names.has(keyOf(one))) names.set(keyOf(one), `${processName(one.pid)} (${one.pid})`);
      if (signalProcess(one, name) === 'denied') denied.set(keyOf(one), one);
    }
  };
  const own = (found: readonly Seen[]): readonly Seen[] => found.filter((one) => !denied.has(keyOf(one)));

  const deadline = monotonicMs() + graceMs;
  let found = await lookForAny(kin);
  signal(found, 'SIGTERM');
  // A stopped one gets it once it continues.
  signal(
    found.filter(({ isStopped }) => isStopped),
    'SIGCONT',
  );
  for (let delay = FIRST_LOOK; own(found).length > 0 && monotonicMs() < deadline; delay = grown(delay)) {
    await sleep(Math.min(delay.ms, Math.max(1, deadline - monotonicMs())));
    found = await lookForAny(kin);
  }
  const limit = monotonicMs() + LONGEST_KILL_MS;
  while ((own(found).length > 0 || kin.isPopulated()) && monotonicMs() < limit) {
    kin.killCgroup();
    found = await stopAll(kin, found, (those) => {
      signal(those, 'SIGSTOP');
    });
    signal(found, 'SIGKILL');
    kin.killGroups();
    await sleep(SECOND_LOOK_MS);
    found = await lookForAny(kin);
  }
  const left = new Set(found.map(keyOf));
  return {
    ended: [...names].filter(([key]) => !left.has(key)).map(([, name]) => name),
    survivors: found.map((one) => survivor(one, names.get(keyOf(one)), denied.has(keyOf(one)))),
    othersHidden: processFacts(1) === null,
  };
}

const keyOf = ({ pid, startTime }: Seen): string => `${pid} ${startTime}`;

/** A second look if the first finds nothing. */
async function lookForAny(kin: RunKin): Promise<readonly Seen[]> {
  const found = await kin.look();
  if (found.length > 0) return found;
  await sleep(SECOND_LOOK_MS);
  return kin.look();
}

/** Stops each before any is killed: those that begin others faster than they are killed would escape. */
async function stopAll(kin: RunKin, first: readonly Seen[], stop: (those: readonly Seen[]) => void) {
  const stopped = new Set<string>();
  let found = first;
  for (let round = 0; round < STOP_ROUNDS; round += 1) {
    const running = found.filter((one) => !stopped.has(keyOf(one)));
    if (running.length === 0) break;
    stop(running);
    for (const one of running) stopped.add(keyOf(one));
    found = await kin.look();
  }
  return found;
}

function survivor({ pid }: Seen, name: string | undefined, isDenied: boolean): string {
  const called = name ?? `${processName(pid)} (${pid})`;
  return isDenied
    ? `${called}, which belongs to user ${String(userOf(pid))} and may not be signalled`
    : `${called}, which did not end`;
}
