import { join } from 'node:path';
import { exists } from '../../../platform/files.ts';
import { type GrowingDelay, growingDelay, grown } from '../../../platform/growing-delay.ts';
import { monotonicMs } from '../../../platform/time.ts';
import { taskFolder } from '../../../records/tasks/task-files.ts';
import type { RunContext } from '../../../run/context.ts';
import type { BroughtTasks, RunFolder } from '../../../sites/run-folder.ts';
import { folderOfRun } from '../../../sites/table.ts';

/**
 * The outputs of tasks that have ended, brought from a remote host while others run: one transfer after the other, each of a
 * bounded number of tasks, and never more than half of the time. What fails is left to the end, which brings everything.
 */

const PAUSE_MS = 2_000;
const AWAY = growingDelay(10_000, 300_000);
/** Of a task that is still changing: then it waits for the end. */
const MOST_TRIES = 3;

export class EarlyOutputs {
  readonly #ctx: RunContext;
  readonly #bring: RunFolder['bringTasks'];
  readonly #control = new AbortController();
  /** Tasks that are here, or are left to the end. */
  readonly #settled = new Set<number>();
  readonly #tries = new Map<number, number>();
  #working: Promise<void> | null = null;
  #nextMs = 0;
  #delay: GrowingDelay = AWAY;

  constructor(ctx: RunContext) {
    this.#ctx = ctx;
    this.#bring = folderOfRun(ctx).bringTasks;
  }

  /** Begins the next transfer, if one is due and there is something to bring. */
  bring(ended: ReadonlySet<number>): void {
    const bring = this.#bring;
    if (bring === null || this.#working !== null || monotonicMs() < this.#nextMs) return;
    const tasks = [...ended].filter((task) => !this.#isSettled(task));
    if (tasks.length === 0) return;
    this.#ctx.lease.assertHeld();
    const began = monotonicMs();
    this.#working = bring(tasks, this.#control.signal)
      .then((brought) => {
        this.#note(brought, began);
      })
      // A disk that is full here, for example: the end reports it.
      .catch(() => {
        this.#nextMs = Infinity;
      })
      .finally(() => {
        this.#working = null;
      });
  }

  /** Ends the transfer that is under way; the next transfer continues with what has arrived. */
  async end(): Promise<void> {
    this.#control.abort();
    await this.#working;
  }

  #isSettled(task: number): boolean {
    if (this.#settled.has(task)) return true;
    if (!exists(join(this.#ctx.paths.folder, taskFolder(task)))) return false;
    this.#settled.add(task);
    return true;
  }

  #note({ brought, later, failure }: BroughtTasks, began: number): void {
    for (const task of brought) this.#settled.add(task);
    for (const task of later) {
      const tries = (this.#tries.get(task) ?? 0) + 1;
      this.#tries.set(task, tries);
      if (tries >= MOST_TRIES) this.#settled.add(task);
    }
    if (failure === null) this.#delay = AWAY;
    this.#nextMs = monotonicMs() + this.#pauseAfter(failure, monotonicMs() - began);
    if (failure !== null) this.#delay = grown(this.#delay);
  }

  #pauseAfter(failure: BroughtTasks['failure'], tookMs: number): number {
    if (failure === null) return Math.max(PAUSE_MS, tookMs);
    return failure.lost ? this.#delay.ms : Infinity;
  }
}
