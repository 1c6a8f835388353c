import { crashPoint } from '../../../../platform/crash-points.ts';
import { messageOf } from '../../../../platform/files.ts';
import { makeFolderQuickly } from '../../../../platform/quick-files.ts';
import { taskFolder } from '../../../../records/tasks/task-files.ts';
import type { TaskExit } from '../../../../records/tasks/task-receipt.ts';
import { isOver, nextPool, type Pool, type PoolAct, type PoolNews, poolOf, type StopWhy } from './pool.ts';
import type { PoolReceipts } from './pool-receipts.ts';
import { notStartable, RunningTask, type TaskSurroundings, withdrawn } from './running-task.ts';
import type { Worker } from './worker.ts';
import type { WorkerNews } from './worker-words.ts';

/** How often requests are looked for while tasks run. */
const LOOK_MS = 500;

export interface PoolParts {
  readonly most: number;
  readonly maxFailures: number | null;
  /** Of each task, what its worker is told: a line of the table. */
  readonly lines: readonly string[];
  readonly receipts: PoolReceipts;
  readonly around: Omit<TaskSurroundings, 'spare' | 'cgroup' | 'countsKills'>;
  readonly spare: readonly number[];
  readonly start: (onNews: (news: WorkerNews) => void) => Worker | { readonly error: string };
}

export interface WorkerEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
}

/** Runs all tasks with a pool of workers: does what `pool.ts` says, and reports to it. */
export class TaskPool {
  readonly #parts: PoolParts;
  readonly #workers = new Map<number, Worker>();
  readonly #tasks = new Map<number, RunningTask>();
  #pool: Pool;
  #lastEnd: WorkerEnd = { exitCode: null, signal: null };
  #error: string | null = null;
  #over: () => void = () => undefined;
  /** Once no worker is left. */
  readonly over = new Promise<void>((resolve) => {
    this.#over = resolve;
  });
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: PoolParts) {
    this.#parts = parts;
    this.#pool = poolOf({ count: parts.lines.length, most: parts.most, maxFailures: parts.maxFailures });
  }

  /** Returns the first worker, or why there is none. */
  start(): Worker | { readonly error: string } {
    this.#feed({ kind: 'start' });
    this.#timer = setInterval(() => {
      this.#lookForRequests();
    }, LOOK_MS);
    void this.over.then(() => {
      clearInterval(this.#timer);
    });
    return this.#workers.get(0) ?? { error: this.#error ?? 'bash could not be started' };
  }

  /** Nothing more begins. */
  stop(why: StopWhy): void {
    this.#parts.receipts.stop(why);
    this.#feed({ kind: 'stop', why });
  }

  /** Says of what runs that it is ended, by one who does it. */
  endTasks(stopping: Promise<unknown>): void {
    for (const task of this.#tasks.values()) task.stop('request', stopping);
  }

  /** Leaders of the tasks that run. */
  taskPids(): readonly number[] {
    return [...this.#tasks.values()].map((task) => task.pid()).filter((pid) => pid !== null);
  }

  workerPids(): readonly number[] {
    return [...this.#workers.values()].map(({ pid }) => pid);
  }

  /** Whether a worker got as far as the first task. */
  hasBegun(): boolean {
    return this.#pool.begun;
  }

  /** Whether all tasks were given to workers. */
  isExhausted(): boolean {
    return this.#pool.next >= this.#pool.count;
  }

  /** Of the worker that ended last. */
  lastEnd(): WorkerEnd {
    return this.#lastEnd;
  }

  #feed(news: PoolNews): void {
    const { pool, acts } = nextPool(this.#pool, news);
    this.#pool = pool;
    for (const act of acts) this.#act(act);
    if (isOver(this.#pool)) this.#over();
  }

  #act(act: PoolAct): void {
    if (act.kind === 'stop') this.#parts.receipts.stop(act.why);
    else if (act.kind === 'start') this.#startWorker(act.worker);
    else if (act.kind === 'look') this.#workers.get(act.worker)?.tell('begin');
    else if (act.kind === 'close') this.#workers.get(act.worker)?.dismiss();
    else void this.#give(act.worker, act.task);
  }

  #startWorker(number: number): void {
    const worker = this.#parts.start((news) => {
      this.#hear(number, news);
    });
    if ('error' in worker) {
      this.#error = worker.error;
      process.stderr.write(`a worker could not be started: ${worker.error}\n`);
      setImmediate(() => {
        this.#feed({ kind: 'gone', worker: number });
      });
      return;
    }
    this.#workers.set(number, worker);
    void worker.ended.then((end) => this.#gone(number, end));
  }

  async #gone(number: number, end: WorkerEnd): Promise<void> {
    this.#lastEnd = end;
    this.#workers.delete(number);
    const task = this.#tasks.get(number);
    this.#tasks.delete(number);
    if (task !== undefined) {
      process.stderr.write(
        `the worker of task ${task.index} is gone: ${end.signal ?? `status ${String(end.exitCode)}`}\n`,
      );
      await task.lost();
    }
    this.#feed({ kind: 'gone', worker: number });
  }

  #hear(number: number, news: WorkerNews): void {
    if (news.kind === 'ready' || news.kind === 'began') {
      this.#feed({ kind: news.kind, worker: number });
      return;
    }
    const task = this.#tasks.get(number);
    if (task === undefined) return;
    if (news.kind === 'pid') task.begun(news.pid);
    else if (news.kind === 'refused') task.refused();
    else void this.#ended(number, task, news);
  }

  async #ended(number: number, task: RunningTask, news: Extract<WorkerNews, { kind: 'end' }>): Promise<void> {
    const exit = await task.ended(news);
    crashPoint('supervisor.task_ended');
    this.#tasks.delete(number);
    this.#parts.receipts.ended(task.index, exit);
    crashPoint('supervisor.task_recorded');
    // It died meanwhile, which is reported once what it left is ended.
    if (!this.#workers.has(number)) return;
    const isGood = exit.exit_code === 0 && exit.ended_by === null;
    this.#feed({ kind: 'ended', worker: number, good: exit.ended_by === 'request' ? null : isGood });
  }

  /** Claims a task and has it started, if it may. */
  async #give(number: number, index: number): Promise<void> {
    const { receipts, around, spare, lines } = this.#parts;
    const claimed = await receipts.claim(index);
    crashPoint('supervisor.task_claimed');
    const stopped = claimed === null && receipts.isGone() ? 'cancelled' : receipts.stopped();
    if (stopped !== null) this.#feed({ kind: 'stop', why: stopped });
    const worker = this.#workers.get(number);
    const refusal = claimed === null ? null : this.#refusal(index, worker !== undefined);
    if (claimed === null || refusal !== null || worker === undefined) {
      claimed?.leave();
      if (refusal !== null) receipts.ended(index, refusal);
      // If the worker died meanwhile, its end was reported.
      if (worker !== undefined) this.#feed({ kind: 'ended', worker: number, good: isFailure(refusal) ? false : null });
      return;
    }
    claimed.begin();
    const { cgroup, countsKills } = worker;
    const spared = (): readonly number[] => [...spare, ...this.workerPids()];
    this.#tasks.set(number, new RunningTask(index, { ...around, spare: spared, cgroup, countsKills }));
    crashPoint('supervisor.task_started');
    worker.tell(`${index}\u001f${lines[index] ?? ''}`);
  }

  /** Why a task that is claimed does not begin; null if it does. */
  #refusal(index: number, hasWorker: boolean): TaskExit | null {
    if (!hasWorker) return notStartable('its worker was gone');
    const { receipts } = this.#parts;
    if (this.#pool.stopped !== null || receipts.isCancelled(index)) return withdrawn();
    try {
      if (makeFolderQuickly(`../${taskFolder(index)}`)) return null;
      return notStartable(`${taskFolder(index)} is not a folder`);
    } catch (error) {
      return notStartable(`${taskFolder(index)} cannot be made: ${messageOf(error)}`);
    }
  }

  #lookForRequests(): void {
    const { receipts } = this.#parts;
    for (const task of this.#tasks.values()) task.endIfKilledForMemory();
    if (!receipts.mayHaveNews()) return;
    const stopped = receipts.stopped();
    if (stopped !== null && this.#pool.stopped === null) this.#feed({ kind: 'stop', why: stopped });
    for (const task of this.#tasks.values()) if (receipts.isCancelled(task.index)) task.stop('request');
  }
}

/** It was to begin, and could not. */
function isFailure(refusal: TaskExit | null): boolean {
  return refusal !== null && refusal.start_error !== null;
}
