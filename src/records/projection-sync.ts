import type { Manifest, SyncDirection } from './manifest-schema.ts';
import type { OutcomeData } from './run-data.ts';
import { resultOf, type RunView } from './run-view.ts';

/** The manifest's account of what went to where the run is, and of what came back. Pure. */

/** The step that brings the outputs back and digests them. */
function bringBackStep(view: RunView): 'collect' | 'sync_artifacts_to_local' {
  return view.opened.launch_mode === 'local' ? 'collect' : 'sync_artifacts_to_local';
}

/** How bringing back ended; null before. */
export function broughtBack(view: RunView): OutcomeData | null {
  return view.steps.get(bringBackStep(view))?.outcome ?? null;
}

export function artifactsOf(view: RunView): Manifest['artifacts'] {
  return resultOf(view, bringBackStep(view)) ?? resultOf(view, 'salvage');
}

/** The outcome of the step in which the run itself failed; null where it did not. */
export function ranBadly(view: RunView): OutcomeData | null {
  for (const name of ['execute', 'submit', 'wait', 'confirm']) {
    const outcome = view.steps.get(name)?.outcome;
    if (outcome?.status === 'failed') return outcome;
  }
  return null;
}

/** Before the close: `ok` as soon as the outputs are here and digested. */
export function syncStatusOf(view: RunView): 'ok' | 'failed' | 'pending' {
  if (view.closed !== null) return view.closed.sync_status;
  const back = broughtBack(view);
  if (back?.status === 'done') return 'ok';
  return back?.status === 'failed' || ranBadly(view) !== null ? 'failed' : 'pending';
}

const REASONS = {
  local: 'the run was local: its files were written here',
  slurm: 'the project lies on a file system that the nodes see: both sides see the same files',
} as const;

export function projectSync(view: RunView): Manifest['sync'] {
  return { to_remote: toRemote(view), to_local: toLocal(view) };
}

function methodOf(view: RunView): string {
  return view.opened.launch_mode === 'local' ? 'none' : 'shared_fs';
}

function toRemote(view: RunView): SyncDirection {
  const outcome = view.steps.get('sync_to_remote')?.outcome ?? null;
  return {
    status: outcome === null ? 'pending' : outcome.status === 'done' ? 'ok' : outcome.status,
    method: methodOf(view),
    reason: REASONS[view.opened.launch_mode],
    files: null,
    bytes: null,
    seconds: null,
    verified: false,
    diagnosis: [],
  };
}

function toLocal(view: RunView): SyncDirection {
  const status = syncStatusOf(view);
  const artifacts = broughtBack(view)?.status === 'skipped' ? null : resultOf(view, bringBackStep(view));
  const failure = broughtBack(view)?.message ?? ranBadly(view)?.message ?? null;
  return {
    status,
    method: methodOf(view),
    reason:
      status === 'failed'
        ? 'the run did not complete; what it left is kept as partial'
        : REASONS[view.opened.launch_mode],
    files: artifacts?.files ?? null,
    bytes: artifacts?.bytes ?? null,
    seconds: artifacts?.seconds ?? null,
    verified: status === 'ok',
    diagnosis: status === 'failed' && failure !== null ? [failure] : [],
  };
}
