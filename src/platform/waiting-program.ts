import { spawn } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';

/**
 * A program in a session of its own that is started before it is certain that it is needed. It waits for a word on its
 * input, and ends without one when its starter ends or lets go of it: the kernel closes the input.
 */
export interface WaitingProgram {
  readonly pid: number;
  readonly isWaiting: () => boolean;
  /** From here on it outlives its starter. */
  readonly begin: () => void;
  /** It ends, if it has not begun. */
  readonly drop: () => void;
}

/** Null if it cannot be started. Until it begins it has no output. */
export function startWaiting(
  [command = '', ...words]: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): WaitingProgram | null {
  try {
    const child = spawn(command, words, { ...options, detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    const { pid, stdin } = child;
    let isWaiting = pid !== undefined;
    const leave = (): void => {
      isWaiting = false;
    };
    child.on('error', leave).on('exit', leave);
    // It is gone, which its end tells.
    stdin.on('error', leave);
    child.unref();
    if (pid === undefined) return null;
    return {
      pid,
      isWaiting: () => isWaiting,
      begin: () => {
        leave();
        stdin.end('begin\n');
      },
      drop: () => {
        if (isWaiting) stdin.destroy();
        leave();
      },
    };
  } catch {
    // E2BIG and the like come as an exception.
    return null;
  }
}

/**
 * For the program itself, before anything else: whether it is to begin; then its output goes to the end of `log`. Reads
 * without the event loop, which would have to load much more; signals that came meanwhile are delivered before it returns.
 */
export async function wasToldToBegin(log: string): Promise<boolean> {
  try {
    if (readSync(0, Buffer.alloc(16)) === 0) return false;
  } catch {
    return false;
  }
  sendOutputTo(log);
  await new Promise((resolve) => setImmediate(resolve));
  return true;
}

/** A file gets the lowest free descriptor: here 1, then 2. */
function sendOutputTo(log: string): void {
  for (const descriptor of [1, 2]) closeSync(descriptor);
  for (let left = 2; left > 0; left -= 1) {
    try {
      openSync(log, 'a', 0o666);
    } catch {
      openSync('/dev/null', 'a');
    }
  }
}
