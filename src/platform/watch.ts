import { type FSWatcher, watch } from 'node:fs';
import { after } from './time.ts';

/**
 * Waits for changes in a folder. File system events only speed it up: they do not cross network file systems, so
 * callers check for themselves afterwards. AUTOLAB_NO_WATCH=1 turns the events off.
 */
export interface FolderWatch {
  /**
   * Returns when something has changed since the watch began or the last call returned, when `ms` have passed, or when
   * the signal fires.
   */
  readonly next: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
}

/** Connects one waiter and one notifier: news that arrives while nothing waits is kept. */
export interface Waiter {
  readonly next: FolderWatch['next'];
  readonly wake: () => void;
  /** The present waiter, or the next one, gets the error. */
  readonly fail: (error: unknown) => void;
}

export function waiter(): Waiter {
  let news = false;
  let failure: { readonly error: unknown } | null = null;
  let end: (() => void) | null = null;
  return {
    next: (ms, signal) =>
      new Promise((resolve, reject) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          end = null;
          news = false;
          if (failure === null) resolve();
          else reject(failure.error instanceof Error ? failure.error : new Error(String(failure.error)));
        };
        const timer = after(ms, done);
        if (news || failure !== null || signal.aborted) {
          done();
          return;
        }
        end = done;
        signal.addEventListener('abort', done, { once: true });
      }),
    wake: () => {
      news = true;
      end?.();
    },
    fail: (error) => {
      failure = { error };
      end?.();
    },
  };
}

/** A watch that begins before the first look misses nothing that happens between a look and the wait after it. */
export function watchFolder(folder: string): FolderWatch {
  const { next, wake } = waiter();
  const watcher = startWatcher(folder, wake);
  return {
    next,
    close: () => {
      watcher?.close();
    },
  };
}

function startWatcher(folder: string, onChange: () => void): FSWatcher | null {
  if (process.env['AUTOLAB_NO_WATCH'] === '1') return null;
  try {
    const watcher = watch(folder, { persistent: true }, onChange);
    watcher.on('error', () => {
      /* The timer is enough. */
    });
    return watcher;
  } catch {
    // inotify has no watches left, or does not work on this file system: the timer is enough.
    return null;
  }
}

/** A single wait, for callers that look often anyway. */
export async function waitForChange(folder: string, ms: number, signal: AbortSignal): Promise<void> {
  const watcher = watchFolder(folder);
  await watcher.next(ms, signal);
  watcher.close();
}
