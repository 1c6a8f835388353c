import { dirname, join } from 'node:path';
import { crashPoint } from '../../../platform/crash-points.ts';
import { type Ending, endRunProcesses, RunKin } from '../../../platform/end-processes.ts';
import { createExclusive, messageOf, readTextOrNull, syncFolder, writeFileAtomic } from '../../../platform/files.ts';
import { selfIdentity, startTimeOf } from '../../../platform/host.ts';
import { newToken, sha256 } from '../../../platform/ids.ts';
import { inodeOf } from '../../../platform/inode.ts';
import { waitedForTicks } from '../../../platform/process-tree.ts';
import { limitMemory, removeCgroup } from '../../../platform/run-cgroup.ts';
import { type SessionProcess, startSession } from '../../../platform/session-process.ts';
import { monotonicMs, now } from '../../../platform/time.ts';
import { wasToldToBegin } from '../../../platform/waiting-program.ts';
import { ENTRYPOINT_FILE, readStart } from '../../../schedulers/entrypoint-start.ts';
import {
  type EndedBy,
  type Exit,
  HELD_BACK,
  IN_SCOPE,
  type Order,
  type RunClaim,
  SCRIPT_FILE,
  type Started,
  STARTED_FILE,
  WAITS,
} from '../../../schedulers/local/receipt.ts';
import { CLAIM_FILE, EXIT_FILE } from '../../../schedulers/receipt-files.ts';
import { type Containment, countOomKills, makeContainment, planCgroup, startWithin } from './containment.ts';
import { EndRequest } from './end-request.ts';
import { failedExit } from './failed-exit.ts';
import { keepTrying } from './keep-trying.ts';
import { setLongTimeout } from './long-timeout.ts';
import { environmentFor } from './run-environment.ts';
import { runTasks } from './tasks/run-tasks.ts';
import { type Sampled, UsageSampler } from './usage.ts';

/**
 * The supervisor of one local run: claims the run, starts the entrypoint in a session of its own, keeps its time limit,
 * measures it, ends what outlives it, and writes the receipt. It does not know the driver and needs no other process.
 * Usage: node supervisor.js ORDER.json, in a session of its own, with its streams in a file; or before there is an order.
 */

const json = (value: unknown): string => `${JSON.stringify(value)}\n`;

const request = new EndRequest();

async function supervise(orderPath: string, inScope: boolean): Promise<number> {
  const order = JSON.parse(readTextOrNull(orderPath) ?? 'null') as Order | null;
  if (order === null) throw new Error(`no order at ${orderPath}`);
  // Stay in the folder, whatever its path becomes: a project can be moved during its run.
  process.chdir(join(order.run_dir, 'receipt'));
  const token = newToken();
  const planned = planCgroup(order.run_id, token, inScope);
  const cgroup = planned === null ? {} : { cgroup: planned.folder };
  const claim: RunClaim = { ...selfIdentity(), kind: 'supervisor', token, claimed_at: now(), ...cgroup };
  crashPoint('supervisor.before_claim');
  if (!createExclusive(CLAIM_FILE, json(claim))) {
    process.stderr.write('another supervisor owns this run; nothing was started here\n');
    return 3;
  }
  crashPoint('supervisor.claimed');
  // Later it would take the supervisor out of the run's cgroup, and the entrypoint would begin outside of it.
  await planned?.warmedUp;
  const containment = makeContainment(planned);
  crashPoint('supervisor.contained');
  const { tasks } = order;
  const exit = withSign(
    tasks === undefined
      ? await runEntrypoint(order, containment)
      : await runTasks({ order, tasks, prepared: containment, request }),
  );
  if (containment.cgroup !== null) await removeCgroup(containment.cgroup);
  crashPoint('supervisor.before_receipt');
  if (await keepTrying(EXIT_FILE, json(exit))) {
    leaveInCopy(order, claim, exit);
    return 0;
  }
  // The folder was removed; it may have been put back.
  return (await keepTrying(join(order.run_dir, 'receipt', EXIT_FILE), json(exit))) ? 0 : 1;
}

/** Nothing waits until the disk has the script's own sign that the entrypoint began, so the receipt says it, too. */
function withSign(exit: Exit): Exit {
  const { kind } = readStart(readReceiptOrNull(ENTRYPOINT_FILE), null, null);
  return kind === 'begun' ? { ...exit, entrypoint_began: true } : exit;
}

/** The entrypoint can put anything in the place of a receipt. */
function readReceiptOrNull(path: string): string | null {
  try {
    return readTextOrNull(path);
  } catch {
    return null;
  }
}

/** The names of its logs: a run that ended has them after a power failure, too. */
function keepLogs(): void {
  try {
    syncFolder('../logs');
  } catch {
    // What the disk refuses, the receipt will wait for.
  }
}

/** If the project was moved and a copy is in its place, users continue in the copy: it gets the receipt as well. */
function leaveInCopy(order: Order, claim: RunClaim, exit: Exit): void {
  const receipt = join(order.run_dir, 'receipt');
  if (inodeOf(receipt) === inodeOf('.') || readTextOrNull(join(receipt, CLAIM_FILE)) !== json(claim)) return;
  try {
    writeFileAtomic(join(receipt, EXIT_FILE), json(exit));
  } catch {
    // The run's own folder has it.
  }
}

async function runEntrypoint(order: Order, prepared: Containment): Promise<Exit> {
  const startedAt = now();
  const began = monotonicMs();
  const ticksBefore = waitedForTicks();
  const oomBefore = countOomKills(prepared);
  if (inodeOf(order.root) === null) return failedExit(`${order.root} no longer exists`);
  const script = readTextOrNull(SCRIPT_FILE);
  if (script === null || sha256(script) !== order.script_sha256)
    return failedExit('the script is not the one that was ordered');
  const limit = order.memory_limit_bytes ?? null;
  if (limit !== null && !prepared.memory) return failedExit('no cgroup with a memory controller was to be had');
  if (request.wasMade()) return failedExit('', 'request');

  const { started: child, contained } = startWithin(prepared, () => startScript(order));
  if ('error' in child) return failedExit(child.error);
  const leader = { pid: child.pid, startTime: startTimeOf(child.pid) ?? 'unknown' };
  const started: Started = { pid: leader.pid, start_time: leader.startTime, started_at: startedAt };
  // Not awaited: the run continues and has to be watched, even if the disk refuses.
  void keepTrying(STARTED_FILE, json(started));
  crashPoint('supervisor.started');
  keepLogs();

  const kin = new RunKin({
    leader,
    marks: [`AUTOLAB_RUN_DIR=${order.run_dir}`],
    since: startTimeOf(process.pid),
    spare: [process.pid],
    cgroup: contained.cgroup,
  });
  // Only now, so that the limit was never the supervisor's, too.
  if (limit !== null && !(contained.cgroup !== null && limitMemory(contained.cgroup, limit))) {
    await endRunProcesses(kin, 0);
    return failedExit('the limit of its memory could not be set');
  }
  const sampler = startSampling(order, child, { kin, ticksBefore, contained, began });
  const end = await waitForEnd(child, order, () => endRunProcesses(kin, order.grace_seconds * 1000));
  const wallSeconds = (monotonicMs() - began) / 1000;
  // An entrypoint that dies of the first TERM does not shorten the grace of its children, which may be saving.
  const stopped = await end.stopped;
  sampler.stop();
  const outlived = await endRunProcesses(kin, 2000);
  const leftovers = [...stopped.ended.filter((name) => !name.endsWith(`(${child.pid})`)), ...outlived.ended];
  const oom = countOomKills(contained);
  return {
    pid: child.pid,
    exit_code: end.exitCode,
    signal: end.signal,
    ended_by: end.endedBy,
    start_error: null,
    started_at: startedAt,
    ended_at: now(),
    wall_seconds: Math.round(wallSeconds * 1000) / 1000,
    ...sampler.usage(),
    oom_kills: oomBefore.kills === null || oom.kills === null ? null : oom.kills - oomBefore.kills,
    oom_in_run: oom.inRun,
    contained_by: contained.by,
    memory_limit_bytes: limit,
    leftovers_ended: [...new Set(leftovers)],
    survivors: outlived.survivors,
    others_hidden: outlived.othersHidden,
  };
}

function startSampling(order: Order, child: SessionProcess, what: Omit<Sampled, 'seriesFor'>): UsageSampler {
  const sampler = new UsageSampler({ ...what, seriesFor: order.usage_series === true ? environmentFor(order) : null });
  sampler.start();
  void child.ended.then(() => {
    sampler.entrypointEnded();
  });
  return sampler;
}

function startScript(order: Order): SessionProcess | { readonly error: string } {
  return startSession(['bash', order.script], {
    cwd: order.root,
    env: environmentFor(order),
    stdoutPath: join(order.run_dir, 'logs', 'stdout.log'),
    stderrPath: join(order.run_dir, 'logs', 'stderr.log'),
  });
}

interface EntrypointEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly endedBy: EndedBy;
  /** What had to be stopped, once it is gone; nothing if no stop was requested. */
  readonly stopped: Promise<Ending>;
}

async function waitForEnd(child: SessionProcess, order: Order, endAll: () => Promise<Ending>): Promise<EntrypointEnd> {
  let endedBy: EndedBy = null;
  let stopped: Promise<Ending> = Promise.resolve({ ended: [], survivors: [], othersHidden: false });
  const stop = (by: EndedBy): void => {
    if (endedBy !== null || child.hasEnded()) return;
    endedBy = by;
    stopped = endAll();
  };
  request.whenMade(() => {
    stop('request');
  });
  const timer =
    order.time_limit_seconds === null
      ? null
      : setLongTimeout(() => {
          stop('time_limit');
        }, order.time_limit_seconds * 1000);
  const { exitCode, signal } = await child.ended;
  timer?.cancel();
  return { exitCode, signal, endedBy, stopped };
}

/** What was held back from this process is not held back from the entrypoint. */
function putBack(words: readonly string[]): void {
  const start = `${HELD_BACK}=`;
  const word = words.find((one) => one.startsWith(start));
  if (word !== undefined) process.env[HELD_BACK] = word.slice(start.length);
}

/** Supervises the run of an order; returns the exit status. `argv`: as in the usage above, without the program. */
export async function superviseRun([orderPath = '', ...words]: readonly string[]): Promise<number> {
  putBack(words);
  const log = join(dirname(dirname(orderPath)), 'logs', 'supervisor.log');
  // Nothing was ordered: there is nothing to do, and nothing to say.
  if (words.includes(WAITS) && !(await wasToldToBegin(log))) return 0;
  // Its log may be on a disk that is full.
  process.stderr.on('error', () => undefined);
  try {
    return await supervise(orderPath, words.includes(IN_SCOPE));
  } catch (error) {
    // The driver shows the last line.
    process.stderr.write(`${messageOf(error)}\n`);
    return 1;
  }
}
