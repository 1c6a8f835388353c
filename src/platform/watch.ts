import { watch, type FSWatcher } from 'node:fs';

/**
 * Waiting for changes in a folder. File system events only speed it up: they do not cross network file systems, so
 * callers look for themselves afterwards. AUTOLAB_NO_WATCH=1 turns them off.
 */
export interface FolderWatch {
  /** Until something has changed since the watch began or the last call returned, `ms` pass, or the signal fires. */
  readonly next: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly close: () => void;
}

/** Begun before the first look, it misses nothing that happens between a look and the wait after it. */
export function watchFolder(folder: string): FolderWatch {
  let changed = false;
  let wake: (() => void) | null = null;
  const watcher = startWatcher(folder, () => {
    changed = true;
    wake?.();
  });
  return {
    next: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          wake = null;
          changed = false;
          resolve();
        };
        const timer = setTimeout(done, ms);
        if (changed || signal.aborted) {
          done();
          return;
        }
        wake = done;
        signal.addEventListener('abort', done, { once: true });
      }),
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
    // No inotify watches left, or none on this file system: the timer is enough.
    return null;
  }
}

/** One wait, for callers that look often enough anyway. */
export async function waitForChange(folder: string, ms: number, signal: AbortSignal): Promise<void> {
  const watcher = watchFolder(folder);
  await watcher.next(ms, signal);
  watcher.close();
}
