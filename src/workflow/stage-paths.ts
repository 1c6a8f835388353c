import type { State } from '../project/state.ts';

/** The paths of the table, filled in for an experiment. Pure. */

type Position = Pick<State, 'iteration_id' | 'last_run_id'>;

/** Relative to the root; null if a path names the run, and there is none yet. */
export function stagePath(path: string, { iteration_id: iteration, last_run_id: run }: Position): string | null {
  if (run === null && path.includes('{{run_id}}')) return null;
  return path.replaceAll('{{iteration_id}}', () => iteration).replaceAll('{{run_id}}', () => run ?? '');
}
