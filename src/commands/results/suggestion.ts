import { type Backlog, isClosed } from '../../project/backlog.ts';
import type { State } from '../../project/state.ts';
import { suggest, type Suggestion } from '../../workflow/results/suggest.ts';
import { readAnalyses } from './analyses.ts';
import { repeatsBefore } from './decision-file.ts';

/** What the results suggest, for a project as it is. Reads only. */

/** The ids of the other experiments that are not closed: those after the current one first. */
export function openOthers(
  { experiments }: Backlog,
  { experiment_id: current }: Pick<State, 'experiment_id'>,
): readonly string[] {
  const at = experiments.findIndex(({ id }) => id === current);
  const inOrder = [...experiments.slice(at + 1), ...experiments.slice(0, Math.max(at, 0))];
  return inOrder.filter(({ id, status }) => id !== current && !isClosed(status)).map(({ id }) => id);
}

/** How often the experiment may still be repeated; null if that has no bound. */
export function repeatsLeft(root: string, state: State): number | null {
  const most = state.max_total_iterations ?? 0;
  // The first run of an experiment is an iteration, too.
  return most === 0 ? null : Math.max(0, most - 1 - repeatsBefore(root, state));
}

export function suggestionFor(root: string, backlog: Backlog, state: State): Suggestion | null {
  return suggest({
    analyses: readAnalyses(root, state.iteration_id).analyses,
    runId: state.last_run_id,
    repeatsLeft: repeatsLeft(root, state),
    others: openOthers(backlog, state),
  });
}
