import type { OpenedData } from '../records/run-data.ts';
import type { Executor, UnrecordedRun } from './executor.ts';
import { local } from './local/executor.ts';
import { slurm } from './slurm/executor.ts';

/** Every way to execute a run, by its kind: adding one is its folder, and a line here. */
export const EXECUTORS: Map<string, Executor> = new Map([slurm, local].map((executor) => [executor.kind, executor]));

/** The executor of a kind. Throws if there is none: journal and design are checked before. */
export function executorFor(kind: string): Executor {
  const executor = EXECUTORS.get(kind);
  if (executor === undefined) throw new Error(`there is no executor ${kind}`);
  return executor;
}

/** The executor of a run. */
export function executorOf({ launch_mode: kind }: Pick<OpenedData, 'launch_mode'>): Executor {
  return executorFor(kind);
}

/** A run of this project that is alive although its record was removed; null if there is none. */
export function unrecordedRun(root: string): UnrecordedRun | null {
  for (const executor of EXECUTORS.values()) {
    const found = executor.unrecorded(root);
    if (found !== null) return found;
  }
  return null;
}
