import { watch, type FSWatcher } from 'node:fs';

/**
 * Waits until something changes in a folder, `ms` pass, or the signal fires. File system events only speed it up: they
 * do not cross network file systems, so callers look for themselves afterwards. AUTOLAB_NO_WATCH=1 turns them off.
 */
export function waitForChange(folder: string, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    let watcher: FSWatcher | undefined;
    const done = (): void => {
      clearTimeout(timer);
      watcher?.close();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (process.env['AUTOLAB_NO_WATCH'] === '1') return;
    try {
      watcher = watch(folder, { persistent: true }, done);
      watcher.on('error', () => {
        /* The timer is enough. */
      });
    } catch {
      // No inotify watches left, or none on this file system: the timer is enough.
    }
  });
}
