import type { TasksNow } from '../../events/events.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import { taskPaths } from '../../records/tasks/task-files.ts';
import type { Task } from '../../records/tasks/task-list.ts';
import type { TaskExit } from '../../records/tasks/task-receipt.ts';
import { readTaskList } from '../../run/tasks/list.ts';
import { listTaskReceipts, readTaskExit, type TaskStateNow, taskStateNow } from '../../run/tasks/look.ts';

/** The tasks of a run that is watched: one listing a look, and the receipt of each end is read until it is whole. */

export interface TasksSeen {
  readonly now: TasksNow;
  /** One for each task that failed, the last at the end. */
  readonly lines: readonly string[];
  /** The one that was asked for. */
  readonly chosen: WatchedTask | null;
}

export interface WatchedTask {
  readonly index: number;
  readonly state: TaskStateNow;
  /** Name → value, as the design writes it. */
  readonly params: Readonly<Record<string, string>>;
}

const MOST_LINES = 200;

export class TasksFiles {
  private readonly paths: RunPaths;
  private readonly order: TasksOrder;
  private readonly exits = new Map<number, TaskExit>();
  private readonly chosen: number | null;
  private list: readonly Task[] | null = null;

  /** `chosen`: a task that is shown with its parameters and its log. */
  constructor(paths: RunPaths, order: TasksOrder, chosen: number | null = null) {
    this.paths = paths;
    this.order = order;
    this.chosen = chosen;
  }

  look(): TasksSeen {
    const { count } = this.order;
    const { receipts } = taskPaths(this.paths);
    const counts: Record<TaskStateNow, number> = { waiting: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
    const failed: [index: number, exit: TaskExit][] = [];
    const seen = listTaskReceipts(receipts, count);
    let chosen: WatchedTask['state'] = 'waiting';
    for (const [index, names] of seen) {
      const exit = names.exited ? this.exitOf(receipts, index, names.attempt ?? 0) : null;
      const state = taskStateNow(names, exit);
      counts[state] += 1;
      if (index === this.chosen) chosen = state;
      if (state === 'failed' && exit !== null) failed.push([index, exit]);
    }
    counts.waiting += count - seen.size;
    const byEnd = failed.sort(([a, one], [b, other]) => compared(one.ended_at, other.ended_at) || a - b);
    const lines = byEnd.slice(-MOST_LINES).map(([index, exit]) => this.lineOf(index, exit));
    const task =
      this.chosen === null ? null : { index: this.chosen, state: chosen, params: this.paramsOf(this.chosen) };
    return { now: { count, ...counts }, lines, chosen: task };
  }

  private exitOf(receipts: string, index: number, attempt: number): TaskExit | null {
    const known = this.exits.get(index);
    if (known?.attempt === attempt) return known;
    const exit = readTaskExit(receipts, index);
    if (exit !== null) this.exits.set(index, exit);
    return exit;
  }

  private lineOf(index: number, exit: TaskExit): string {
    const params = Object.entries(this.paramsOf(index)).map(([name, value]) => `${name}=${value}`);
    return `task ${index} failed, ${endWords(exit)}: ${params.join(' ')}`;
  }

  private paramsOf(index: number): WatchedTask['params'] {
    this.list ??= readTaskList(this.paths, this.order);
    return this.list?.[index]?.params ?? {};
  }
}

function compared(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function endWords(exit: TaskExit): string {
  if (exit.ended_by === 'time_limit') return 'time limit';
  if (exit.oom === true) return 'out of memory';
  if (exit.start_error !== null) return 'not started';
  return exit.signal ?? `exit code ${String(exit.exit_code)}`;
}
