import { guardOriginal } from '../../executors/original.ts';
import { executorOf } from '../../executors/table.ts';
import { quotePosix } from '../../platform/quoting.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { leaseHolder } from '../../run/lease.ts';
import { lightState } from '../../run/light-state.ts';
import { usualCommand } from '../../workflow/choices.ts';
import { choicesOfOpenRun } from '../../workflow/open-run.ts';

/** The command that leads on from a run. Asks no scheduler and no other host. */
export function nextOfRun(
  root: string,
  { view, paths }: { readonly view: RunView; readonly paths: RunPaths },
): string | null {
  const state = lightState(root);
  const { run_id, iteration_id } = view.opened;
  if (view.closed === null) {
    const holder = leaseHolder(root);
    const [choice] = choicesOfOpenRun({
      copied: guardOriginal(root, view) !== null,
      driven: holder !== null && holder.liveness !== 'dead',
      reopen: null,
      stage: state?.stage ?? 'launch',
      closed: false,
      ended: executorOf(view.opened).hasEndReceipt(paths),
    });
    return choice?.command ?? null;
  }
  if (state?.last_run_id === run_id && state.iteration_id === iteration_id)
    return afterFailure(view.closed, `${iteration_id}/${run_id}`, state.stage) ?? usualCommand(state);
  return `autolab rerun ${quotePosix(`${iteration_id}/${run_id}`)} --by WHO`;
}

/** The same launch would fail as it did: what to change, else what to read. Null if that is for the workflow to say. */
function afterFailure(closed: NonNullable<RunView['closed']>, run: string, stage: string): string | null {
  if (closed.outcome === 'completed' || stage !== 'launch') return null;
  // With another limit all tasks would run again: which ones need it comes first.
  if (['tasks.failed', 'tasks.unfinished'].includes(closed.code)) return `autolab tasks ${quotePosix(run)} --failed`;
  if (closed.attempt_counted !== true) return null;
  const change = closed.recommendations.find(({ pointer, suggested }) => pointer.startsWith('/compute/') && suggested);
  if (change === undefined) return `autolab logs ${quotePosix(run)}`;
  const key = change.pointer.slice(1).replaceAll('/', '.');
  return `autolab rerun ${quotePosix(run)} --set ${quotePosix(`${key}=${change.suggested ?? ''}`)} --by WHO`;
}
