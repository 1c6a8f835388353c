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
  if (state?.last_run_id === run_id && state.iteration_id === iteration_id) return usualCommand(state);
  return `autolab rerun ${quotePosix(`${iteration_id}/${run_id}`)} --by WHO`;
}
