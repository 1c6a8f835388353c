import { join } from 'node:path';
import type { TasksNow } from '../../events/events.ts';
import { listNames, readTail } from '../../platform/files.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import { receiptNameOf, taskExitName, taskPaths, taskStartedName } from '../../records/tasks/task-files.ts';
import {
  endedByRequest,
  parseTaskExit,
  parseTaskStart,
  type TaskExit,
  type TaskStart,
} from '../../records/tasks/task-receipt.ts';

/** What the names in `receipts/` say of one task. */
export interface TaskReceipts {
  /** The last one that was claimed, from 0; null if nobody claimed it. */
  readonly attempt: number | null;
  readonly started: boolean;
  readonly exited: boolean;
  /** Somebody asked that it ends. */
  readonly cancelled: boolean;
}

type Names = { -readonly [Key in keyof TaskReceipts]: TaskReceipts[Key] };

/** One listing; without the tasks of which there is nothing. */
export function listTaskReceipts(folder: string, count: number): ReadonlyMap<number, TaskReceipts> {
  const tasks = new Map<number, Names>();
  for (const name of listNames(folder)) {
    const said = receiptNameOf(name);
    if (said === null || said.index >= count) continue;
    const names = tasks.get(said.index) ?? { attempt: null, started: false, exited: false, cancelled: false };
    tasks.set(said.index, names);
    if (said.kind === 'cancel') names.cancelled = true;
    if (said.kind === 'started') names.started = true;
    if (said.kind === 'exit') names.exited = true;
    if (said.kind === 'claim') names.attempt = Math.max(said.attempt, names.attempt ?? 0);
  }
  return tasks;
}

/** Longer ones are no receipts. */
const MOST_RECEIPT_BYTES = 64 * 1024;

/** A task may have put anything in its place: what cannot be read is none. */
export function readTaskReceipt(folder: string, name: string): string | null {
  return readTail(join(folder, name), MOST_RECEIPT_BYTES);
}

export function readTaskExit(folder: string, index: number): TaskExit | null {
  return parseTaskExit(readTaskReceipt(folder, taskExitName(index)));
}

export function readTaskStart(folder: string, index: number): TaskStart | null {
  return parseTaskStart(readTaskReceipt(folder, taskStartedName(index)));
}

export type TaskStateNow = 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled';

/**
 * `exit`: its receipt, if there is one. A task whose job was requeued has one of the attempt before. A worker gives it its name
 * first and its line a moment later: what is not whole is not there yet. Pure.
 */
export function taskStateNow(names: TaskReceipts | undefined, exit: TaskExit | null): TaskStateNow {
  if (names === undefined) return 'waiting';
  const { attempt, started, exited, cancelled } = names;
  if (!exited && !started) return cancelled ? 'cancelled' : attempt === null ? 'waiting' : 'running';
  if (!exited || exit === null || exit.attempt < (attempt ?? 0)) return 'running';
  return stateOfExit(exit, cancelled);
}

function stateOfExit(exit: TaskExit, isRequested: boolean): TaskStateNow {
  if (endedByRequest(exit, isRequested)) return 'cancelled';
  return exit.exit_code === 0 && exit.ended_by === null ? 'completed' : 'failed';
}

/** What `receipts/` says of all tasks at this moment: one listing, and each receipt of an end is read until it is whole. */
export class TasksWatch {
  readonly #folder: string;
  readonly #count: number;
  readonly #exits = new Map<number, TaskExit>();

  /** `folder`: the receipts'; absolute. */
  constructor(folder: string, count: number) {
    this.#folder = folder;
    this.#count = count;
  }

  look(): TasksNow {
    const states = { waiting: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
    const seen = listTaskReceipts(this.#folder, this.#count);
    for (const [index, names] of seen)
      states[taskStateNow(names, names.exited ? this.#exitOf(index, names) : null)] += 1;
    states.waiting += this.#count - seen.size;
    return { count: this.#count, ...states };
  }

  /** A requeued task has an end, and begins once more: its next receipt replaces the one that was read. */
  forget(index: number): void {
    this.#exits.delete(index);
  }

  #exitOf(index: number, { attempt }: TaskReceipts): TaskExit | null {
    const known = this.#exits.get(index);
    if (known !== undefined && known.attempt >= (attempt ?? 0)) return known;
    const exit = readTaskExit(this.#folder, index);
    if (exit !== null) this.#exits.set(index, exit);
    return exit;
  }
}

/** One look, by whoever does not look again. */
export function tasksNow(paths: Pick<RunPaths, 'folder' | 'receipt'>, { count }: Pick<TasksOrder, 'count'>): TasksNow {
  return new TasksWatch(taskPaths(paths).receipts, count).look();
}

/** The state of each task at this moment, by its index. */
export function taskStatesNow(
  paths: Pick<RunPaths, 'folder' | 'receipt'>,
  { count }: Pick<TasksOrder, 'count'>,
): readonly TaskStateNow[] {
  const { receipts } = taskPaths(paths);
  const seen = listTaskReceipts(receipts, count);
  return Array.from({ length: count }, (_, index) => {
    const names = seen.get(index);
    return taskStateNow(names, names?.exited === true ? readTaskExit(receipts, index) : null);
  });
}

/** Whether one task has ended, or never begins. */
export function taskIsOver(
  paths: Pick<RunPaths, 'folder' | 'receipt'>,
  { count }: Pick<TasksOrder, 'count'>,
  index: number,
): boolean {
  const { receipts } = taskPaths(paths);
  const names = listTaskReceipts(receipts, count).get(index);
  const state = taskStateNow(names, names?.exited === true ? readTaskExit(receipts, index) : null);
  return state !== 'waiting' && state !== 'running';
}
