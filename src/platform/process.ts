import { type ChildProcess, spawn } from 'node:child_process';
import { secretsOf, withoutSecrets } from './redact.ts';
import { monotonicMs } from './time.ts';

/** The one door to other programs. argv arrays only; no shell unless argv says so. */

/** Independent facts about how a program ended; the caller judges them. */
export interface ProcessResult {
  readonly argv: readonly string[];
  /** null if it was ended by a signal or never started. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** It did not end within its time, and was killed with its process group, and reaped. */
  readonly timedOut: boolean;
  /** ENOENT and the like: it never started. */
  readonly spawnError: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** More was printed than was kept. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

/** For a program whose end was not awaited: `words` say why. */
export function noResult(argv: readonly string[], words: string, durationMs: number): ProcessResult {
  return {
    argv,
    exitCode: null,
    signal: null,
    timedOut: true,
    spawnError: null,
    stdout: '',
    stderr: words,
    truncated: false,
    durationMs,
  };
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  /** The most that is kept of each stream; the rest is counted as truncated. */
  readonly maxBytes?: number;
  readonly stdin?: string | Uint8Array;
  /** Ends it as a time-out does. */
  readonly signal?: AbortSignal;
  /** Gets all output as it comes. */
  readonly onStdout?: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
  /**
   * Runs in our process group: it may ask a question on the terminal, and Ctrl-C reaches it. Its children are not
   * killed.
   */
  readonly foreground?: boolean;
}

/** stdout as raw bytes, for output that is not text (binary patches, NUL-separated names). */
export interface RawProcessResult extends Omit<ProcessResult, 'stdout'> {
  readonly stdout: Buffer;
}

/** Its messages (stderr) are recorded, so secrets are removed from them here. Its output (stdout) stays unchanged. */
export function withoutOwnSecrets(stderr: string): string {
  return withoutSecrets(stderr, secretsOf(process.env));
}

/** Runs a program to its end. Never rejects: a failed start is a fact like the others. */
export async function run(argv: readonly string[], options: RunOptions): Promise<ProcessResult> {
  const raw = await runRaw(argv, options);
  return { ...raw, stdout: raw.stdout.toString('utf8') };
}

/** For each running program, the function that ends it and its process group. */
const running = new Set<() => void>();
let stopped = false;

/** Ends every program that `run` waits for, and prevents new ones: this process is about to exit. */
export function stopPrograms(): void {
  stopped = true;
  for (const kill of running) kill();
}

/** Calls back if the programs are ended. Returns what takes that back. */
export function whenStopped(end: () => void): () => void {
  running.add(end);
  return () => {
    running.delete(end);
  };
}

export function runRaw(argv: readonly string[], options: RunOptions): Promise<RawProcessResult> {
  const began = monotonicMs();
  if (stopped) return Promise.resolve(notStarted(argv, 'ECANCELED'));
  const child = start(argv, options);
  if (typeof child === 'string') return Promise.resolve(notStarted(argv, child));
  const { stdout, stderr } = keepOutput(child, options);
  const bound = boundOf(child, options);
  return new Promise((resolve) => {
    let spawnError: string | null = null;
    child.on('error', (error) => {
      spawnError = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
    });
    child.on('close', (exitCode, signal) => {
      const timedOut = bound.lift();
      resolve({
        argv,
        exitCode: spawnError === null ? exitCode : null,
        signal: timedOut ? null : signal,
        timedOut,
        spawnError,
        stdout: stdout.take(),
        stderr: withoutOwnSecrets(stderr.take().toString('utf8')),
        truncated: stdout.truncated || stderr.truncated,
        durationMs: Math.round(monotonicMs() - began),
      });
    });
  });
}

/** How long a program's pipes are read past its end. */
const AFTER_END_MS = 1000;

/**
 * Acts when a program that has ended has been read for long enough. On a busy machine that time may pass before Node looks at
 * the pipes at all: what lies in them is read first, however late it is.
 */
function afterRead(act: () => void): void {
  setTimeout(() => {
    setImmediate(act);
  }, AFTER_END_MS).unref();
}

/** Gives the program its input, and keeps its output. */
function keepOutput(child: ChildProcess, options: RunOptions): { readonly stdout: Kept; readonly stderr: Kept } {
  const maxBytes = options.maxBytes ?? 1024 * 1024;
  const stdout = new Kept(maxBytes);
  const stderr = new Kept(maxBytes);
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout.add(chunk);
    options.onStdout?.(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr.add(chunk);
    options.onStderr?.(chunk);
  });
  child.stdin?.on('error', () => {
    /* It ended without reading: its exit status shows that. */
  });
  if (options.stdin !== undefined) child.stdin?.end(options.stdin);
  // A background child that inherited the pipes must not delay us past the end of the program itself.
  child.on('exit', () => {
    afterRead(() => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
  });
  return { stdout, stderr };
}

/**
 * Kills the program and its process group if its time is over or its signal fires. `lift` returns whether that
 * happened.
 */
function boundOf(child: ChildProcess, { foreground, timeoutMs, signal }: RunOptions): { readonly lift: () => boolean } {
  let timedOut = false;
  const killGroup = (): void => {
    if (child.pid === undefined) return;
    try {
      process.kill(foreground === true ? child.pid : -child.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  };
  const expire = (): void => {
    timedOut = true;
    killGroup();
  };
  running.add(killGroup);
  const timer = setTimeout(expire, timeoutMs);
  if (signal?.aborted === true) expire();
  signal?.addEventListener('abort', expire, { once: true });
  const lift = (): boolean => {
    clearTimeout(timer);
    signal?.removeEventListener('abort', expire);
    running.delete(killGroup);
    return timedOut;
  };
  return { lift };
}

/** The kernel reports most errors by an event, and a few (E2BIG) by an exception. */
function start([command = '', ...words]: readonly string[], options: RunOptions): ChildProcess | string {
  try {
    return spawn(command, words, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      // In a group of its own, so that a wrapper script's children can be killed with it.
      detached: options.foreground !== true,
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && 'code' in error) return String(error.code);
    throw error;
  }
}

function notStarted(argv: readonly string[], spawnError: string): RawProcessResult {
  return {
    argv,
    exitCode: null,
    signal: null,
    timedOut: false,
    spawnError,
    stdout: Buffer.alloc(0),
    stderr: '',
    truncated: false,
    durationMs: 0,
  };
}

class Kept {
  truncated = false;
  private bytes = 0;
  private readonly chunks: Buffer[] = [];
  private readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  add(chunk: Buffer): void {
    const room = this.limit - this.bytes;
    if (chunk.length > room) this.truncated = true;
    if (room <= 0) return;
    const kept = chunk.subarray(0, room);
    this.chunks.push(kept);
    this.bytes += kept.length;
  }
  take(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

/** Starts a program in a session of its own that outlives us; its streams go to `outputHandle`. */
export function spawnDetached(
  argv: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; outputHandle: number },
): Promise<number | null> {
  const [command = '', ...words] = argv;
  return new Promise((resolve) => {
    const child = spawn(command, words, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', options.outputHandle, options.outputHandle],
    });
    child.on('error', () => {
      resolve(null);
    });
    child.on('spawn', () => {
      resolve(child.pid ?? null);
    });
    child.unref();
  });
}
