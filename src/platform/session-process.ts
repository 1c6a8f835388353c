import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { Duplex } from 'node:stream';
import { messageOf } from './files.ts';

/**
 * A child in a session of its own whose streams go directly to files: no pipe can fill up, and nothing is lost if this
 * process ends. It may have a channel to this process besides.
 */

export interface SessionProcess {
  readonly pid: number;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
  readonly hasEnded: () => boolean;
  /** Null if none was asked for. */
  readonly channel: SessionChannel | null;
}

/** File descriptor 3 of the child, for reading and writing. */
export interface SessionChannel {
  readonly send: (text: string) => void;
  /** The child reads to the end of it. */
  readonly close: () => void;
}

export interface SessionOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Opened for appending, so that existing text is never lost. */
  readonly stdoutPath: string;
  readonly stderrPath: string;
  /** Asks for a channel, and gets what the child says there. */
  readonly onSaid?: (text: string) => void;
}

export function startSession(
  argv: readonly string[],
  options: SessionOptions,
): SessionProcess | { readonly error: string } {
  const [command = '', ...words] = argv;
  const handles: number[] = [];
  try {
    handles.push(openSync(options.stdoutPath, 'a'), openSync(options.stderrPath, 'a'));
    // The kernel rejects an environment or argv that is too large here, with E2BIG, by an exception.
    const child = spawn(command, words, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', handles[0], handles[1], ...(options.onSaid === undefined ? [] : ['pipe' as const])],
    });
    const channel = options.onSaid === undefined ? null : channelOf(child, options.onSaid);
    let hasEnded = false;
    const ended = new Promise<{ exitCode: number | null; signal: string | null }>((resolve) => {
      child.on('exit', (exitCode, signal) => {
        hasEnded = true;
        resolve({ exitCode, signal });
      });
    });
    child.on('error', () => {
      /* pid is undefined then, which is reported below. */
    });
    if (child.pid === undefined) return { error: `${command} could not be started` };
    return { pid: child.pid, ended, hasEnded: () => hasEnded, channel };
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    for (const handle of handles) closeSync(handle);
  }
}

/** Node makes a socket of a pipe, so it goes both ways. */
function channelOf({ stdio }: ChildProcess, onSaid: (text: string) => void): SessionChannel | null {
  const socket = stdio[3];
  if (!(socket instanceof Duplex)) return null;
  socket.setEncoding('utf8');
  socket.on('data', onSaid);
  // The child is gone, which its end tells.
  socket.on('error', () => undefined);
  return {
    send: (text) => {
      socket.write(text);
    },
    close: () => {
      socket.end();
    },
  };
}
