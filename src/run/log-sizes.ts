import { join } from 'node:path';
import { listNames, sizeOf } from '../platform/files.ts';
import { monotonicMs, now } from '../platform/time.ts';

/**
 * How long the logs of a run were, and when. Its lines have no times, so this is what `logs --since` can know. A driver
 * writes it into its own log while it waits.
 */
export interface LogSizes {
  readonly type: 'log_sizes';
  /** In bytes, by file name. */
  readonly sizes: Readonly<Record<string, number>>;
  /** The sizes of the line before were still these then; null in a driver's first line. */
  readonly held_until: string | null;
}

/** The interval at which they are looked at; only a change is written. */
export const SIZES_EVERY_MS = 60_000;

const OF_THE_RUN = /\.(?:log|out|err)$/;
const OWN = ['driver.log', 'supervisor.log'];

/** Returns a function to be called often. A disk that refuses keeps no driver from waiting. */
export function logSizes(folder: string, write: (sizes: LogSizes) => void): () => void {
  let dueMs = 0;
  let known = '';
  let heldUntil: string | null = null;
  const look = (): void => {
    const names = listNames(folder).filter((name) => OF_THE_RUN.test(name) && !OWN.includes(name));
    const sizes = Object.fromEntries(names.map((name) => [name, sizeOf(join(folder, name))]));
    const news: LogSizes = { type: 'log_sizes', sizes, held_until: heldUntil };
    heldUntil = now();
    if (JSON.stringify(sizes) === known) return;
    write(news);
    known = JSON.stringify(sizes);
  };
  return () => {
    const nowMs = monotonicMs();
    if (nowMs < dueMs) return;
    dueMs = nowMs + SIZES_EVERY_MS;
    try {
      look();
    } catch {
      // A time is then answered less often.
    }
  };
}
