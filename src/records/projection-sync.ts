import type { Manifest, SyncDirection } from './manifest-schema.ts';
import type { OutcomeData, TransferRecord } from './run-data.ts';
import { resultOf, type RunView } from './run-view.ts';

/** The manifest's account of what went to where the run is, and of what came back. Pure. */

/** The step that digests the outputs: where they were written, or after it brought them back. */
function bringBackStep(view: RunView): 'collect' | 'sync_artifacts_to_local' {
  return view.steps.has('collect') ? 'collect' : 'sync_artifacts_to_local';
}

/** How bringing back ended; null before. */
export function broughtBack(view: RunView): OutcomeData | null {
  return view.steps.get(bringBackStep(view))?.outcome ?? null;
}

export function artifactsOf(view: RunView): Manifest['artifacts'] {
  return resultOf(view, bringBackStep(view)) ?? resultOf(view, 'salvage');
}

/** Whether all outputs are here, also of a run that ended badly. */
export function keptWhole(view: RunView): boolean {
  if (broughtBack(view)?.status === 'done') return true;
  const salvaged = view.steps.get('salvage')?.outcome ?? null;
  return salvaged?.status === 'done' && salvaged.transfer?.verified !== false;
}

/** The outcome of the step in which the run itself failed. Returns null if none did. */
export function ranBadly({ chunks }: RunView): OutcomeData | null {
  return chunks.map(({ outcome }) => outcome).find((outcome) => outcome?.status === 'failed') ?? null;
}

/** The step in which the outputs of a run that ended well did not come back. Returns null if that did not happen. */
export function failedReturn(view: RunView): OutcomeData | null {
  if (ranBadly(view) !== null) return null;
  for (const name of ['collect_to_remote', bringBackStep(view)]) {
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
  return failedReturn(view) !== null || ranBadly(view) !== null ? 'failed' : 'pending';
}

const REASONS = {
  none: 'the run was local: its files were written here',
  shared_fs: 'the project lies on a file system that the nodes see: both sides see the same files',
} as const;

export function projectSync(view: RunView): Manifest['sync'] {
  return { to_remote: toRemote(view), to_local: toLocal(view) };
}

/** Why nothing travels; null if something does. */
function still({ opened }: RunView): keyof typeof REASONS | null {
  if (opened.slurm === null) return 'none';
  const mode = opened.remote?.mode ?? 'shared_fs';
  return mode === 'shared_fs' ? mode : null;
}

type Amount = Pick<SyncDirection, 'files' | 'bytes' | 'seconds'>;

const NO_AMOUNT: Amount = { files: null, bytes: null, seconds: null };

function amountOf(moved: Amount | null): Amount {
  if (moved === null) return NO_AMOUNT;
  const { files, bytes, seconds } = moved;
  return { files, bytes, seconds };
}

function toRemote(view: RunView): SyncDirection {
  const outcome = view.steps.get('sync_to_remote')?.outcome ?? null;
  const transfer = outcome?.transfer ?? null;
  const way = still(view);
  return {
    status: sentStatus(outcome),
    method: way ?? transfer?.method ?? view.opened.remote?.mode ?? 'none',
    reason: reasonOf(way) ?? complaintOf(outcome),
    ...amountOf(transfer),
    ...comparisonOf(transfer),
  };
}

function complaintOf(outcome: OutcomeData | null): string | null {
  return outcome?.status === 'failed' ? outcome.message : null;
}

function comparisonOf(transfer: TransferRecord | null): Pick<SyncDirection, 'verified' | 'diagnosis'> {
  return transfer === null
    ? { verified: false, diagnosis: [] }
    : { verified: transfer.verified, diagnosis: [...transfer.diagnosis] };
}

function sentStatus(outcome: OutcomeData | null): SyncDirection['status'] {
  if (outcome === null) return 'pending';
  return outcome.status === 'done' ? 'ok' : outcome.status;
}

function toLocal(view: RunView): SyncDirection {
  const status = syncStatusOf(view);
  const transfer = broughtBack(view)?.transfer ?? null;
  const way = still(view);
  return {
    status,
    method: way ?? transfer?.method ?? 'rsync',
    reason: status === 'failed' ? whyNotHere(view) : reasonOf(way),
    ...amountOf(way === null ? transfer : resultOf(view, bringBackStep(view))),
    verified: status === 'ok',
    diagnosis: status === 'failed' ? complaintsOf(view, transfer) : [],
  };
}

function reasonOf(way: keyof typeof REASONS | null): string | null {
  return way === null ? null : REASONS[way];
}

function complaintsOf(view: RunView, transfer: TransferRecord | null): string[] {
  if (transfer !== null) return [...transfer.diagnosis];
  const failure = (failedReturn(view) ?? ranBadly(view))?.message ?? null;
  return failure === null ? [] : [failure];
}

function whyNotHere(view: RunView): string {
  if (failedReturn(view) !== null) return 'the run completed, and its outputs could not be brought back in full';
  if (ranBadly(view) === null) return 'the run was closed before its outputs were brought back';
  const salvaged = resultOf(view, 'salvage') !== null;
  return salvaged ? 'the run did not complete; what it left is kept as partial' : 'the run did not complete';
}
