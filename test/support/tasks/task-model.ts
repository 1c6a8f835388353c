import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { TasksNow } from '../../../src/events/events.ts';
import { createExclusive, writeFileAtomic } from '../../../src/platform/files.ts';
import { endsLeft } from '../../../src/records/tasks/left-ends.ts';
import {
  receiptNameOf,
  STOP_FILE,
  taskCancelName,
  taskClaimName,
  taskExitName,
  taskStartedName,
} from '../../../src/records/tasks/task-files.ts';
import { parseTaskClaim, type TaskExit } from '../../../src/records/tasks/task-receipt.ts';
import { readTaskExit, readTaskReceipt, TasksWatch } from '../../../src/run/tasks/look.ts';
import { temporaryFolder } from '../project.ts';
import type { fc } from '../properties.ts';

/**
 * The states of tasks: a model that is small enough to be believed, and what workers, users and schedulers do to the
 * folder of receipts, in any order.
 */

export const TASKS = 3;

interface TaskModel {
  /** Attempts that were claimed. */
  attempts: number;
  /** The last one may still do something. */
  lives: boolean;
  everStarted: boolean;
  /** Of the last attempt. */
  end: 'completed' | 'failed' | 'cancelled' | null;
  cancel: boolean;
}

export interface Model {
  readonly tasks: readonly TaskModel[];
  stop: boolean;
}

export interface Real {
  readonly folder: string;
  /** One that looks all the time. */
  readonly watch: TasksWatch;
  /** What a task itself would write at each of its starts. */
  readonly marks: string[];
}

export function start(): { readonly model: Model; readonly real: Real } {
  const folder = join(temporaryFolder(), 'receipts');
  mkdirSync(folder);
  const task = (): TaskModel => ({ attempts: 0, lives: false, everStarted: false, end: null, cancel: false });
  return {
    model: { tasks: Array.from({ length: TASKS }, task), stop: false },
    real: { folder, watch: new TasksWatch(folder, TASKS), marks: [] },
  };
}

type Now = 'waiting' | 'running' | 'completed' | 'failed' | 'cancelled';

function nowOf({ attempts, everStarted, end, cancel }: TaskModel): Now {
  if (end !== null) return end;
  if (cancel && !everStarted) return 'cancelled';
  return attempts === 0 ? 'waiting' : 'running';
}

function countsOf({ tasks }: Model): TasksNow {
  const counts = { count: TASKS, waiting: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const task of tasks) counts[nowOf(task)] += 1;
  return counts;
}

/** No task is lost, and none is counted twice, now and at the end. */
function expectSound(model: Model, real: Real): void {
  const { folder, watch, marks } = real;
  const counts = countsOf(model);
  expect(watch.look()).toEqual(counts);
  expect(new TasksWatch(folder, TASKS).look()).toEqual(counts);
  expect(new Set(marks).size).toBe(marks.length);
  const left = endsLeft({
    count: TASKS,
    names: readdirSync(folder).flatMap((name) => receiptNameOf(name) ?? []),
    exitOf: (index) => readTaskExit(folder, index),
    claimOf: (index, attempt) => parseTaskClaim(readTaskReceipt(folder, taskClaimName(index, attempt))),
    startOf: () => null,
    executor: 'local',
    areHere: true,
  });
  const states = { waiting: 'not_started', running: 'end_unknown' } as const;
  const expected = model.tasks.map((task, index) => {
    const now = nowOf(task);
    return [index, now === 'waiting' || now === 'running' ? states[now] : now];
  });
  expect(left.map(({ index, state }) => [index, state])).toEqual(expected);
  expect(left.every(({ state, code }) => (state === 'completed') === (code === null))).toBe(true);
}

/** One thing that somebody does. */
abstract class Act implements fc.Command<Model, Real> {
  readonly index: number;
  constructor(index: number) {
    this.index = index;
  }
  check = (): boolean => true;
  toString = (): string => `${this.constructor.name}(${this.index})`;
  run(model: Model, real: Real): void {
    const task = model.tasks[this.index];
    if (task === undefined) throw new Error('no such task');
    this.act(task, model, real);
    expectSound(model, real);
  }
  abstract act(task: TaskModel, model: Model, real: Real): void;

  protected exit(task: TaskModel, { folder }: Real, change: Partial<TaskExit>): void {
    const exit: TaskExit = {
      ...{ attempt: task.attempts - 1, exit_code: null, signal: null, ended_by: null, start_error: null, oom: null },
      ...{ started_at: 'then', ended_at: 'now', wall_seconds: 1, cpu_seconds: null, max_rss_bytes: null },
      ...change,
    };
    writeFileAtomic(join(folder, taskExitName(this.index)), JSON.stringify(exit));
    task.lives = false;
  }
}

/** Two workers want the task: one gets it, and starts it unless it sees a request in time. */
export class Begin extends Act {
  act(task: TaskModel, model: Model, real: Real): void {
    // A worker that sees a request does not even claim.
    if (model.stop || task.cancel || task.lives) return;
    const claim = JSON.stringify({ kind: 'supervisor', node: 'n', claimed_at: 'then' });
    const name = taskClaimName(this.index, task.attempts);
    const won = [1, 2].map(() => createExclusive(join(real.folder, name), claim));
    expect(won).toEqual([true, false]);
    task.attempts += 1;
    task.lives = true;
    task.end = null;
  }
}

export class Start extends Act {
  act(task: TaskModel, model: Model, real: Real): void {
    if (!task.lives || task.end !== null) return;
    if (task.cancel || model.stop) {
      if (task.everStarted || model.stop) {
        this.exit(task, real, { ended_by: 'request', started_at: null });
        task.end = 'cancelled';
      }
      task.lives = false;
      return;
    }
    writeFileAtomic(join(real.folder, taskStartedName(this.index)), '{}');
    const mark = `${this.index}.${task.attempts}`;
    if (real.marks.includes(mark)) return;
    real.marks.push(mark);
    task.everStarted = true;
  }
}

export class End extends Act {
  readonly how: 'good' | 'bad' | 'signal' | 'time';
  constructor(index: number, how: End['how']) {
    super(index);
    this.how = how;
  }
  act(task: TaskModel, _model: Model, real: Real): void {
    if (!task.lives || !real.marks.includes(`${this.index}.${task.attempts}`)) return;
    const ends: Readonly<Record<End['how'], Partial<TaskExit>>> = {
      good: { exit_code: 0 },
      bad: { exit_code: 3 },
      signal: { signal: 'SIGKILL' },
      time: { signal: 'SIGTERM', ended_by: 'time_limit' },
    };
    const request = task.cancel ? ({ signal: 'SIGTERM', ended_by: 'request' } as const) : null;
    this.exit(task, real, request ?? ends[this.how]);
    task.end = request === null ? (this.how === 'good' ? 'completed' : 'failed') : 'cancelled';
  }
}

/** The worker dies: nothing more comes of this attempt. */
export class Kill extends Act {
  act(task: TaskModel): void {
    task.lives = false;
  }
}

export class CancelTask extends Act {
  act(task: TaskModel, _model: Model, { folder }: Real): void {
    expect(createExclusive(join(folder, taskCancelName(this.index)), '{"by":"ada","at":"now"}')).toBe(!task.cancel);
    task.cancel = true;
  }
}

export class Stop extends Act {
  act(_task: TaskModel, model: Model, { folder }: Real): void {
    expect(createExclusive(join(folder, STOP_FILE), '{"why":"max_failures"}')).toBe(!model.stop);
    model.stop = true;
  }
}

/** Files that are no receipts of these tasks. */
export class Litter extends Act {
  act(_task: TaskModel, _model: Model, { folder }: Real): void {
    for (const name of [
      `${TASKS + this.index}.exit`,
      `.${this.index}.exit.tmp`,
      `${this.index}.exit.1`,
      `claim.${this.index}`,
      '-1.exit',
    ])
      writeFileSync(join(folder, name), '{"attempt":0,"exit_code":0}');
  }
}
