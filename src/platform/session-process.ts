import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { messageOf } from './files.ts';

/**
 * A child in a session of its own whose streams go directly to files: no pipe can fill up, and nothing is lost if this
 * process ends.
 */

export interface SessionProcess {
  readonly pid: number;
  readonly ended: Promise<{ readonly exitCode: number | null; readonly signal: string | null }>;
  readonly hasEnded: () => boolean;
}

export interface SessionOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Opened for appending, so that existing text is never lost. */
  readonly stdoutPath: string;
  readonly stderrPath: string;
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
      stdio: ['ignore', handles[0], handles[1]],
    });
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
    return { pid: child.pid, ended, hasEnded: () => hasEnded };
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    for (const handle of handles) closeSync(handle);
  }
}
