import { spawn } from 'node:child_process';
import { messageOf } from './files.ts';
import { whenStopped } from './process.ts';
import { signalGroup } from './process-tree.ts';

/** A child in a session of its own, whose input is a text and whose output is handed on as it comes. */

export interface PipedSession {
  readonly pid: number;
  /** When the program itself has ended; others may still hold its output open. */
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
  /** When its output is read to the end. */
  readonly drained: Promise<void>;
  /** Stops reading. */
  readonly close: () => void;
}

export interface PipedOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: string;
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr: (chunk: Buffer) => void;
}

/** Returns why it was not started, or the session. */
export function startPiped(argv: readonly string[], options: PipedOptions): Promise<PipedSession | string> {
  const [command = '', ...words] = argv;
  const { cwd, env, stdin, onStdout, onStderr } = options;
  return new Promise((resolve) => {
    try {
      const child = spawn(command, words, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
      child.on('error', (error) => {
        resolve('code' in error && typeof error.code === 'string' ? error.code : error.message);
      });
      child.stdin.on('error', () => {
        /* It does not read its prompt: that is its own affair. */
      });
      child.stdout.on('data', onStdout);
      child.stderr.on('data', onStderr);
      const drained = Promise.all([closed(child.stdout), closed(child.stderr)]).then(() => undefined);
      const ended = new Promise<{ exitCode: number | null; signal: string | null }>((settle) => {
        child.on('exit', (exitCode, signal) => {
          forget();
          settle({ exitCode, signal });
        });
      });
      const forget = whenStopped(() => {
        if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
      });
      child.on('spawn', () => {
        child.stdin.end(stdin);
        resolve({
          pid: child.pid ?? 0,
          ended,
          drained,
          close: () => {
            child.stdin.destroy();
            child.stdout.destroy();
            child.stderr.destroy();
          },
        });
      });
    } catch (error) {
      resolve(error instanceof Error && 'code' in error ? String(error.code) : messageOf(error));
    }
  });
}

function closed(stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on('close', () => {
      resolve();
    });
  });
}
