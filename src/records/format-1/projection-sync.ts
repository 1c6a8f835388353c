import type { OutcomeData, TransferRecord } from '../run-data.ts';
import { resultOf, type RunView } from '../run-view.ts';
import type { ManifestOfFormat1 } from './manifest-schema.ts';

/** What went to where the run is, and what came back, in format 1. It never changes. Pure. */

type SyncDirection = ManifestOfFormat1['sync']['to_local'];

/** The step that brings the outputs back and digests them. */
function bringBackStep(view: RunView): 'collect' | 'sync_artifacts_to_local' {
  return view.opened.launch_mode === 'local' ? 'collect' : 'sync_artifacts_to_local';
}

/** How bringing back ended; null before. */
export function broughtBack(view: RunView): OutcomeData | null {
  return view.steps.get(bringBackStep(view))?.outcome ?? null;
}

export function artifactsOf(view: RunView): ManifestOfFormat1['artifacts'] {
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
  none: 'the run was local: its files were written here',
  shared_fs: 'the project lies on a file system that the nodes see: both sides see the same files',
} as const;

export function projectSync(view: RunView): ManifestOfFormat1['sync'] {
  return { to_remote: toRemote(view), to_local: toLocal(view) };
}

/** How files travel where they need not. */
function still(view: RunView): keyof typeof REASONS | null {
  if (view.opened.launch_mode === 'local') return 'none';
  const mode = view.opened.remote?.mode ?? 'shared_fs';
  return mode === 'shared_fs' ? mode : null;
}

function transferOf(view: RunView, name: string): TransferRecord | null {
  return view.steps.get(name)?.outcome?.transfer ?? null;
}

function toRemote(view: RunView): SyncDirection {
  const outcome = view.steps.get('sync_to_remote')?.outcome ?? null;
  const transfer = transferOf(view, 'sync_to_remote');
  const way = still(view);
  return {
    status: outcome === null ? 'pending' : outcome.status === 'done' ? 'ok' : outcome.status,
    method: way ?? transfer?.method ?? view.opened.remote?.mode ?? 'none',
    reason: way !== null ? REASONS[way] : outcome?.status === 'failed' ? outcome.message : null,
    files: transfer?.files ?? null,
    bytes: transfer?.bytes ?? null,
    seconds: transfer?.seconds ?? null,
    verified: transfer?.verified ?? false,
    diagnosis: [...(transfer?.diagnosis ?? [])],
  };
}

function toLocal(view: RunView): SyncDirection {
  const status = syncStatusOf(view);
  const artifacts = broughtBack(view)?.status === 'skipped' ? null : resultOf(view, bringBackStep(view));
  const failure = broughtBack(view)?.message ?? ranBadly(view)?.message ?? null;
  const transfer = transferOf(view, bringBackStep(view));
  const way = still(view);
  const done = way === null ? transfer : artifacts;
  return {
    status,
    method: way ?? transfer?.method ?? 'rsync',
    reason:
      status === 'failed'
        ? 'the run did not complete; what it left is kept as partial'
        : way === null
          ? null
          : REASONS[way],
    files: done?.files ?? null,
    bytes: done?.bytes ?? null,
    seconds: done?.seconds ?? null,
    verified: status === 'ok',
    diagnosis: status !== 'failed' ? [] : [...(transfer?.diagnosis ?? (failure === null ? [] : [failure]))],
  };
}
