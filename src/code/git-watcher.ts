import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Who watches while git is asked and files are read, which may take minutes on a slow disk. Set once around a whole call,
 * because every question to git, however deep, ends with the same signal and is slow for the same screen.
 */
export interface GitWatcher {
  /** Ends git, and the reading of files, which then rejects. */
  readonly signal?: AbortSignal;
  /** Called once for each git that has not answered after some seconds, with its words and its folder. */
  readonly onSlow?: (command: string, folder: string) => void;
  /** Called while files are digested. `what`: for a sentence; the code if it is left out. */
  readonly onProgress?: (done: number, total: number, what?: string) => void;
}

const waiting = new AsyncLocalStorage<GitWatcher>();

/** `watcher` adds to the one that is set already. */
export function watchedBy<T>(watcher: GitWatcher, work: () => Promise<T>): Promise<T> {
  return waiting.run({ ...gitWatcher(), ...watcher }, work);
}

export function gitWatcher(): GitWatcher {
  return waiting.getStore() ?? {};
}
