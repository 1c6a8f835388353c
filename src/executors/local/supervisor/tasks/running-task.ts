import { constants } from 'node:os';
import { type Ending, endRunProcesses, RunKin } from '../../../../platform/end-processes.ts';
import { startTimeOf } from '../../../../platform/host.ts';
import { lookAtBorn, newestPid } from '../../../../platform/process-look.ts';
import { type ProcessFacts, processFacts } from '../../../../platform/process-tree.ts';
import { membersOf, oomKillsIn } from '../../../../platform/run-cgroup.ts';
import { monotonicMs, now } from '../../../../platform/time.ts';
import type { TaskExit } from '../../../../records/tasks/task-receipt.ts';
import type { EndedBy } from '../../../../schedulers/local/receipt.ts';
import { setLongTimeout } from '../long-timeout.ts';
import { TaskMemory } from './task-memory.ts';
import type { WorkerNews } from './worker-words.ts';

/** What tasks of a run have in common. */
export interface TaskSurroundings {
  /** The run's folder, as its processes know it. */
  readonly runDir: string;
  /** Start time of the supervisor. */
  readonly since: string | null;
  readonly graceMs: number;
  /** Seconds; null means no limit. */
  readonly limit: number | null;
  /** Never a part of a task: the supervisor and its workers. */
  readonly spare: () => readonly number[];
  /** Of its worker, which has one task at a time. */
  readonly cgroup: string | null;
  readonly countsKills: boolean;
}

/** For what outlives a task. */
const GRACE_AFTER_MS = 2000;

/** One task that was given to a worker: keeps its limit, ends it and what it leaves, and says how it ended. */
export class RunningTask {
  readonly index: number;
  readonly #around: TaskSurroundings;
  readonly #startedAt = now();
  readonly #began = monotonicMs();
  readonly #newest = newestPid();
  readonly #limit: { readonly cancel: () => void } | null;
  readonly #memory = new TaskMemory();
  readonly #killsBefore: number | null;
  #pid: number | null = null;
  #endedBy: EndedBy = null;
  #stopping: Promise<unknown> | null = null;
  #refused = false;

  constructor(index: number, around: TaskSurroundings) {
    this.index = index;
    this.#around = around;
    const { limit } = around;
    this.#killsBefore = this.#kills();
    this.#limit =
      limit === null
        ? null
        : setLongTimeout(() => {
            this.stop('time_limit');
          }, limit * 1000);
  }

  pid(): number | null {
    return this.#pid;
  }

  begun(pid: number): void {
    this.#pid = pid;
    this.#memory.follow(pid);
    if (this.#endedBy !== null && this.#stopping === null) this.#stopping = this.#endAll();
  }

  /** Its worker could not open its logs. */
  refused(): void {
    this.#refused = true;
  }

  /** `stopping`: of one who ends the processes of all tasks. */
  stop(by: Exclude<EndedBy, null>, stopping?: Promise<unknown>): void {
    if (this.#endedBy !== null) return;
    this.#endedBy = by;
    this.#stopping = stopping ?? (this.#pid === null ? null : this.#endAll());
  }

  /** The kernel kills one process; the others of the task are ended, too: half a task is none. */
  endIfKilledForMemory(): void {
    if (this.#stopping === null && this.#wasKilledForMemory() === true) this.#stopping = this.#endAll();
  }

  /** Once nothing of it is left. */
  async ended({ exitCode, signal, cpuMs }: Extract<WorkerNews, { kind: 'end' }>): Promise<TaskExit> {
    const wallSeconds = (monotonicMs() - this.#began) / 1000;
    this.#limit?.cancel();
    const maxRss = this.#memory.stop();
    if (this.#stopping !== null) await this.#stopping;
    await this.#endLeftovers();
    return {
      attempt: 0,
      exit_code: this.#refused ? null : exitCode,
      signal: signal === null ? null : signalName(signal),
      ended_by: this.#endedBy,
      start_error: this.#refused ? `its logs could not be opened in tasks/${this.index}` : null,
      started_at: this.#startedAt,
      ended_at: now(),
      wall_seconds: Math.round(wallSeconds * 1000) / 1000,
      cpu_seconds: cpuMs / 1000,
      max_rss_bytes: maxRss,
      oom: this.#wasKilledForMemory(),
    };
  }

  /** Its worker is gone, and with it any word of the end. */
  async lost(): Promise<void> {
    this.#limit?.cancel();
    this.#memory.stop();
    await this.#endAll();
  }

  #kin(adopted: readonly { readonly pid: number; readonly startTime: string }[]): RunKin {
    const { runDir, since, spare } = this.#around;
    return new RunKin({
      leader: null,
      adopted,
      marks: [`AUTOLAB_TASK_DIR=${runDir}/tasks/${this.index}`],
      since,
      spare: spare(),
    });
  }

  #endAll(): Promise<Ending> {
    const startTime = this.#pid === null ? null : startTimeOf(this.#pid);
    const leader = this.#pid === null || startTime === null ? [] : [{ pid: this.#pid, startTime }];
    return endRunProcesses(this.#kin([...leader, ...this.#contained()]), this.#around.graceMs);
  }

  #kills(): number | null {
    const { cgroup, countsKills } = this.#around;
    return cgroup === null || !countsKills ? null : (oomKillsIn(cgroup) ?? 0);
  }

  /** Null if that is not known. */
  #wasKilledForMemory(): boolean | null {
    const kills = this.#kills();
    return kills === null || this.#killsBefore === null ? null : kills > this.#killsBefore;
  }

  /** In the cgroup of the worker is nothing but it and its task. */
  #contained(): readonly ProcessFacts[] {
    const { cgroup, spare } = this.#around;
    if (cgroup === null) return [];
    const spared = spare();
    return membersOf(cgroup)
      .filter((pid) => !spared.includes(pid))
      .map(processFacts)
      .filter((facts) => facts !== null);
  }

  /** Those of its process group, of its cgroup, and those with its mark: a look at all processes would take longer than most tasks. */
  async #endLeftovers(): Promise<void> {
    const { runDir, since, spare } = this.#around;
    const marks = [`AUTOLAB_TASK_DIR=${runDir}/tasks/${this.index}`];
    const spared = spare();
    const left = lookAtBorn(this.#newest, { marks, since }).filter(
      ({ pid, mark, group }) => !spared.includes(pid) && (mark === 'yes' || (mark !== 'older' && group === this.#pid)),
    );
    const all = [...left, ...this.#contained()];
    if (all.length > 0) await endRunProcesses(this.#kin(all), GRACE_AFTER_MS);
  }
}

/** How a receipt says that nothing was started, because the task was withdrawn. */
export function withdrawn(): TaskExit {
  return neverStarted({ ended_by: 'request', start_error: null });
}

export function notStartable(why: string): TaskExit {
  return neverStarted({ ended_by: null, start_error: why });
}

function neverStarted(how: Pick<TaskExit, 'ended_by' | 'start_error'>): TaskExit {
  return {
    ...{ attempt: 0, exit_code: null, signal: null, started_at: null, ended_at: now() },
    ...{ wall_seconds: 0, cpu_seconds: null, max_rss_bytes: null, oom: null },
    ...how,
  };
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`;
}
