import type { TasksNow } from '../../../events/events.ts';
import { taskPaths } from '../../../records/tasks/task-files.ts';
import type { TaskExit } from '../../../records/tasks/task-receipt.ts';
import type { RunContext } from '../../../run/context.ts';
import {
  listTaskReceipts,
  readTaskExit,
  type TaskReceipts,
  type TaskStateNow,
  taskStateNow,
} from '../../../run/tasks/look.ts';
import { orderOf } from '../order.ts';
import { tasksOrderOf, tasksToRun } from './tasks-on-slurm.ts';

/** What the receipts say of all tasks at this moment, for a driver that looks once a second: one listing a look. */

export interface TaskLook {
  readonly now: TasksNow;
  /** Nothing of it will run any more, as far as receipts and queue say. */
  readonly isOver: (task: number) => boolean;
  readonly failed: ReadonlySet<number>;
  /** It left the receipt of an end after which it does not begin again: its outputs are complete. */
  readonly ended: ReadonlySet<number>;
  /** By the user. */
  readonly cancelled: readonly number[];
  /** Some that an element claimed, with their attempt: of a worker that was killed, one may say nothing. */
  readonly begun: readonly { readonly task: number; readonly attempt: number }[];
  readonly allOver: boolean;
}

/** Enough to find a claim that can be read; empty ones are rare. */
const MOST_BEGUN = 50;

export class TaskNews {
  readonly #folder: string;
  readonly #count: number;
  readonly #toRun: ReadonlySet<number>;
  readonly #requeue: boolean;
  readonly #exits = new Map<number, TaskExit>();
  /** Elements of which the queue says that they ended, and whether well: some leave no receipt. */
  readonly #gone = new Map<number, boolean>();

  constructor(ctx: RunContext) {
    this.#folder = taskPaths(ctx.paths).receipts;
    this.#count = tasksOrderOf(ctx).count;
    this.#toRun = new Set(tasksToRun(ctx));
    this.#requeue = orderOf(ctx).requeue;
  }

  noteGone(task: number, wentWell: boolean): void {
    this.#gone.set(task, wentWell);
  }

  /** It is in the queue again. */
  noteAlive(task: number): void {
    this.#gone.delete(task);
  }

  look(): TaskLook {
    const seen = listTaskReceipts(this.#folder, this.#count);
    const states = { waiting: this.#count - seen.size, running: 0, completed: 0, failed: 0, cancelled: 0 };
    const over = new Set<number>(this.#gone.keys());
    const failed = new Set<number>([...this.#gone].filter(([, well]) => !well).map(([task]) => task));
    const ended = new Set<number>();
    const cancelled: number[] = [];
    const begun: TaskLook['begun'][number][] = [];
    for (const [task, names] of seen) {
      const { state, isOver, isWhole } = this.#read(task, names);
      states[state] += 1;
      if (isWhole && this.#toRun.has(task)) ended.add(task);
      if (names.cancelled) cancelled.push(task);
      if (isOver) over.add(task);
      if (isOver && state === 'failed') failed.add(task);
      const isOurs = names.attempt !== null && this.#toRun.has(task);
      if (isOurs && begun.length < MOST_BEGUN) begun.push({ task, attempt: names.attempt });
    }
    for (const task of cancelled) failed.delete(task);
    const isOver = (task: number): boolean => over.has(task);
    const now = { count: this.#count, ...states };
    return { now, isOver, failed, ended, cancelled, begun, allOver: over.size >= this.#count };
  }

  #read(task: number, names: TaskReceipts): { state: TaskStateNow; isOver: boolean; isWhole: boolean } {
    const exit = names.exited ? this.#exitOf(task, names) : null;
    const state = taskStateNow(names, exit);
    const hasEnd = state !== 'waiting' && state !== 'running';
    // Slurm ends an element in the same way before it requeues it: then the queue says whether that was the end.
    const told = exit?.job_signal !== undefined;
    return { state, isOver: hasEnd && !(told && this.#requeue), isWhole: hasEnd && exit !== null && !told };
  }

  #exitOf(task: number, { attempt }: TaskReceipts): TaskExit | null {
    const known = this.#exits.get(task);
    if (known !== undefined && known.attempt >= (attempt ?? 0)) return known;
    const exit = readTaskExit(this.#folder, task);
    if (exit !== null) this.#exits.set(task, exit);
    return exit;
  }
}
