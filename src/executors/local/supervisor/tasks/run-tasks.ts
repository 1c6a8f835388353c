import { crashPoint } from '../../../../platform/crash-points.ts';
import { endRunProcesses, RunKin } from '../../../../platform/end-processes.ts';
import { readTextOrNull } from '../../../../platform/files.ts';
import { hostIdentity, startTimeOf } from '../../../../platform/host.ts';
import { sha256 } from '../../../../platform/ids.ts';
import { inodeOf } from '../../../../platform/inode.ts';
import { waitedForTicks } from '../../../../platform/process-tree.ts';
import { makeFolderQuickly } from '../../../../platform/quick-files.ts';
import { monotonicMs, now, sleep } from '../../../../platform/time.ts';
import { formatTaskExits, type KnownTask } from '../../../../records/tasks/task-exits.ts';
import { TASK_TABLE_FILE } from '../../../../records/tasks/task-files.ts';
import {
  type Exit,
  type Order,
  type PoolOrder,
  SCRIPT_FILE,
  type Started,
  STARTED_FILE,
  TASK_EXITS_FILE,
} from '../../../../schedulers/local/receipt.ts';
import { type Containment, countOomKills } from '../containment.ts';
import type { EndRequest } from '../end-request.ts';
import { failedExit } from '../failed-exit.ts';
import { keepTrying } from '../keep-trying.ts';
import { environmentFor } from '../run-environment.ts';
import { UsageSampler } from '../usage.ts';
import { PoolReceipts } from './pool-receipts.ts';
import { TaskPool } from './task-pool.ts';
import { Workers } from './workers.ts';

/** The tasks of one run, from its supervisor's claim to its receipt. */

export interface TasksRun {
  readonly order: Order;
  readonly tasks: PoolOrder;
  readonly prepared: Containment;
  readonly request: EndRequest;
}

/** For workers that leave by themselves. */
const LEAVE_MS = 2000;

export async function runTasks(run: TasksRun): Promise<Exit> {
  const { order, tasks, prepared, request } = run;
  const startedAt = now();
  const before = { ticks: waitedForTicks(), oom: countOomKills(prepared).kills, ms: monotonicMs() };
  const lines = linesOf(order, tasks);
  if (typeof lines === 'string') return failedExit(lines);
  if (order.memory_limit_bytes !== undefined && !prepared.memory)
    return failedExit('no cgroup with a memory controller was to be had');
  if (request.wasMade()) return failedExit('', 'request');

  makeFolderQuickly('../tasks');
  const receipts = new PoolReceipts(hostIdentity().host);
  const workers = new Workers(order, prepared);
  const since = startTimeOf(process.pid);
  const graceMs = order.grace_seconds * 1000;
  const pool = new TaskPool({
    ...{ most: tasks.parallel, maxFailures: tasks.max_failures, lines, receipts, spare: [process.pid] },
    around: { runDir: order.run_dir, since, graceMs, limit: tasks.time_limit_seconds },
    start: (onNews) => workers.start(onNews),
  });
  const first = pool.start();
  if ('error' in first) return failedExit(first.error);
  const started: Started = { pid: first.pid, start_time: first.startTime, started_at: startedAt };
  // Not awaited: the run continues and has to be watched, even if the disk refuses.
  void keepTrying(STARTED_FILE, json(started));
  crashPoint('supervisor.started');

  const marks = [`AUTOLAB_RUN_DIR=${order.run_dir}`];
  const { contained } = workers;
  const kin = new RunKin({ leader: first, marks, since, spare: [process.pid], cgroup: contained.cgroup });
  workers.follow(kin);
  const seriesFor = order.usage_series === true ? environmentFor(order) : null;
  const sampler = new UsageSampler({ kin, ticksBefore: before.ticks, contained, began: before.ms, seriesFor });
  sampler.start();
  request.whenMade(() => {
    void endOnRequest(pool, { marks, since, everything: kin, graceMs });
  });
  await pool.over;
  sampler.entrypointEnded();
  const wallSeconds = (monotonicMs() - before.ms) / 1000;
  sampler.stop();
  const outlived = await endRunProcesses(kin, LEAVE_MS);
  const known = await receipts.settled();
  const text = formatTaskExits(known);
  const isWritten = known.length > 0 && (await keepTrying(TASK_EXITS_FILE, text));
  return {
    pid: first.pid,
    ...endOfPool(pool, request, known),
    start_error: null,
    started_at: startedAt,
    ended_at: now(),
    wall_seconds: Math.round(wallSeconds * 1000) / 1000,
    ...sampler.usage(),
    ...memoryFacts(contained, before.oom),
    contained_by: contained.by,
    memory_limit_bytes: order.memory_limit_bytes ?? null,
    leftovers_ended: outlived.ended,
    survivors: outlived.survivors,
    others_hidden: outlived.othersHidden,
    ...(isWritten ? { tasks: { exits_sha256: sha256(text) } } : {}),
  };
}

/** The run's own end: of its first worker, if no task was begun. */
function endOfPool(
  pool: TaskPool,
  request: EndRequest,
  known: readonly KnownTask[],
): Pick<Exit, 'exit_code' | 'signal' | 'ended_by'> {
  const wasCut = !pool.isExhausted() || known.some(({ exit }) => exit?.ended_by === 'request');
  const { exitCode, signal } = pool.hasBegun() ? { exitCode: 0, signal: null } : pool.lastEnd();
  return { exit_code: exitCode, signal, ended_by: request.wasMade() && wasCut ? 'request' : null };
}

function memoryFacts(contained: Containment, before: number | null): Pick<Exit, 'oom_kills' | 'oom_in_run'> {
  const { kills, inRun } = countOomKills(contained);
  return { oom_kills: before === null || kills === null ? null : kills - before, oom_in_run: inRun };
}

interface Ended {
  readonly marks: readonly string[];
  readonly since: string | null;
  readonly everything: RunKin;
  readonly graceMs: number;
}

/** Tasks first, while their workers can say how they end; then workers that still activate. */
async function endOnRequest(pool: TaskPool, { marks, since, everything, graceMs }: Ended): Promise<void> {
  pool.stop('cancelled');
  const adopted = pool.taskPids().map((pid) => ({ pid, startTime: startTimeOf(pid) ?? 'unknown' }));
  const spare = [process.pid, ...pool.workerPids()];
  const stopping = endRunProcesses(new RunKin({ leader: null, adopted, marks, since, spare }), graceMs);
  pool.endTasks(stopping);
  await stopping;
  await Promise.race([pool.over, sleep(LEAVE_MS)]);
  await endRunProcesses(everything, 0);
}

/** What the workers are told of each task, or why the run cannot be started. */
function linesOf(order: Order, tasks: PoolOrder): readonly string[] | string {
  if (inodeOf(order.root) === null) return `${order.root} no longer exists`;
  const script = readTextOrNull(SCRIPT_FILE);
  if (script === null || sha256(script) !== order.script_sha256) return 'the script is not the one that was ordered';
  const table = readTextOrNull(TASK_TABLE_FILE);
  if (table === null || sha256(table) !== tasks.table_sha256)
    return 'the table of tasks is not the one that was ordered';
  return table.split('\n').slice(0, tasks.count);
}

const json = (value: unknown): string => `${JSON.stringify(value)}\n`;
