import { EXECUTORS } from '../../executors/table.ts';
import { exists } from '../../platform/files.ts';
import { monotonicMs } from '../../platform/time.ts';
import { waitForChange } from '../../platform/watch.ts';
import type { RunPaths } from '../../records/paths.ts';
import { findActive } from '../../run/claim.ts';
import type { RunName } from '../find-run.ts';
import type { LogReading } from './log-reading.ts';

/** On a network file system, the last lines may arrive after the receipt of the end. */
const LATE_MS = 2_000;

export interface Following {
  readonly root: string;
  readonly run: RunName;
  readonly paths: RunPaths;
  /** Fetches what is new; null if the run writes here. */
  readonly fetch: (() => Promise<void>) | null;
  readonly signal: AbortSignal;
  /** Whether what is followed has ended, if it is not the whole run; null if it is. */
  readonly isOver: (() => boolean) | null;
}

/** Reads on until the run has ended. */
export async function follow(readings: readonly LogReading[], following: Following): Promise<void> {
  const { root, run, paths, fetch, signal, isOver } = following;
  const isActive = (): boolean => {
    const active = findActive(root);
    return active.kind === 'one' && active.run.runId === run.runId;
  };
  let ended: number | null = null;
  while (!signal.aborted) {
    const active = isActive();
    if (hasEnded(paths) || isOver?.() === true) ended ??= monotonicMs();
    for (const reading of readings) await reading.readNews();
    const local = exists(paths.stdoutLog);
    if (!active || (ended !== null && (local || monotonicMs() - ended > LATE_MS))) break;
    await waitForChange(paths.logs, fetch === null ? 250 : 2_000, signal);
    await fetch?.();
  }
}

function hasEnded(paths: RunPaths): boolean {
  return [...EXECUTORS.values()].some((executor) => executor.hasEndReceipt(paths));
}
