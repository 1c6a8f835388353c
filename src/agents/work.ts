import { join } from 'node:path';
import { BoundedLog } from '../platform/agent-log.ts';
import { type Ending, endRunProcesses, RunKin } from '../platform/end-processes.ts';
import { startTimeOf } from '../platform/host.ts';
import { type PipedSession, startPiped } from '../platform/piped-session.ts';
import { lastLineOf } from '../platform/terminal/last-line.ts';
import { after, monotonicMs, sleep } from '../platform/time.ts';
import { type AgentEnd, STDERR_FILE, STDOUT_FILE } from './record.ts';

/** The agent at work: started, watched, kept within its time, and ended with all that it started. */

export interface AgentOrder {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly prompt: string;
  /** Of its record; absolute. */
  readonly folder: string;
  /** `NAME=value`: marks all that it starts. */
  readonly mark: string;
  readonly timeoutSeconds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (elapsedSeconds: number, line: string | null) => void;
}

/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 5_000;
/** Output that is on its way when the agent has ended. */
const DRAIN_MS = 1_000;
const GLANCE_MS = 1_000;
/** setTimeout takes no more. */
const LONGEST_MS = 2_000_000_000;

export async function workAsAgent(order: AgentOrder): Promise<AgentEnd> {
  const began = monotonicMs();
  const [out, err] = [STDOUT_FILE, STDERR_FILE].map((name) => new BoundedLog(join(order.folder, name)));
  if (out === undefined || err === undefined) throw new Error('there are two logs');
  const started = await startPiped(order.argv, {
    cwd: order.cwd,
    env: order.env,
    stdin: order.prompt,
    onStdout: (chunk) => {
      out.add(chunk);
    },
    onStderr: (chunk) => {
      err.add(chunk);
    },
  });
  const ended = typeof started === 'string' ? notStarted(started) : await watch(started, order, began);
  for (const log of [out, err]) log.close();
  return {
    ...ended,
    duration_ms: Math.round(monotonicMs() - began),
    stdout_bytes: out.bytes,
    stderr_bytes: err.bytes,
  };
}

type Ended = Omit<AgentEnd, 'duration_ms' | 'stdout_bytes' | 'stderr_bytes'>;

function notStarted(reason: string): Ended {
  const nothing = { exit_code: null, signal: null, timed_out: false, interrupted: false };
  return { ...nothing, spawn_error: reason, left_running: [], survivors: [] };
}

async function watch(session: PipedSession, order: AgentOrder, began: number): Promise<Ended> {
  const leader = { pid: session.pid, startTime: startTimeOf(session.pid) ?? 'unknown' };
  const since = startTimeOf(process.pid);
  const kin = new RunKin({ leader, marks: [order.mark], since, spare: [process.pid] });
  const watching = new AbortController();
  void glanceUntil(watching.signal, () => {
    // What was seen once is known later, whatever session it moves to.
    kin.glance(false);
    order.onProgress((monotonicMs() - began) / 1000, lastLineOf(join(order.folder, STDOUT_FILE)));
  });
  const why = await Promise.race([session.ended.then(() => 'ended' as const), limitOf(order, watching.signal)]);
  watching.abort();
  const ending = await endRunProcesses(kin, GRACE_MS);
  const { exitCode, signal } = await Promise.race([session.ended, sleep(DRAIN_MS).then(() => GONE)]);
  // What lies in the pipes is read first, however late that time is noticed.
  await Promise.race([session.drained, sleep(DRAIN_MS).then(() => new Promise(setImmediate))]);
  session.close();
  return {
    exit_code: exitCode,
    signal,
    timed_out: why === 'timeout',
    interrupted: why === 'interrupted',
    spawn_error: null,
    left_running: leftRunning(ending, session.pid),
    survivors: ending.survivors,
  };
}

const GONE = { exitCode: null, signal: null };

function leftRunning({ ended }: Ending, pid: number): readonly string[] {
  return ended.filter((name) => !name.endsWith(`(${pid})`));
}

async function glanceUntil(signal: AbortSignal, glance: () => void): Promise<void> {
  while (!signal.aborted) {
    glance();
    await sleep(GLANCE_MS, signal);
  }
}

/** What comes first: its time is over, or the user interrupts. */
function limitOf({ timeoutSeconds, signal }: AgentOrder, done: AbortSignal): Promise<'timeout' | 'interrupted'> {
  return new Promise((resolve) => {
    const timer = after(Math.min(timeoutSeconds * 1000, LONGEST_MS), () => {
      resolve('timeout');
    });
    const interrupt = (): void => {
      resolve('interrupted');
    };
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    done.addEventListener('abort', () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', interrupt);
    });
  });
}
