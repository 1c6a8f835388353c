import { join } from 'node:path';
import { lstatOrNull } from '../../platform/files.ts';
import { hostIdentity } from '../../platform/host.ts';
import { now } from '../../platform/time.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { readReceipt } from '../../run/receipts.ts';
import { parseRunClaim } from '../../schedulers/local/parse-receipt.ts';
import { STARTED_FILE, type Supervisor } from '../../schedulers/local/receipt.ts';
import { CLAIM_FILE, EXIT_FILE } from '../../schedulers/receipt-files.ts';
import { livingProcesses } from './run-processes.ts';

/**
 * Whose a local run is. The journal rules; before it knows, the claim in `receipt/` tells, which an entrypoint can
 * overwrite or remove. A claim that was taken is never taken for none: the entrypoint must not be started twice.
 * Never asked of a Slurm run, whose claim a job links: whether that lives the queue tells.
 */
export type RunOwner =
  /** Nobody's yet: a supervisor may be started. */
  | { readonly kind: 'nobody' }
  | { readonly kind: 'supervisor'; readonly supervisor: Supervisor }
  /** A driver took the claim so that nobody starts the run. */
  | { readonly kind: 'given_up' }
  /** Somebody's: the claim was taken, and no longer says by whom. */
  | { readonly kind: 'unknown' };

/** Of a run that may not be started any more. */
export type TakenBy = Exclude<RunOwner, { readonly kind: 'nobody' }>;

export interface OwnedRun {
  readonly root: string;
  readonly view: RunView;
  readonly paths: RunPaths;
}

/** Reads only. */
export function ownerOf({ root, view, paths }: OwnedRun): RunOwner {
  const { started } = view;
  if (started?.supervisor !== undefined) {
    return { kind: 'supervisor', supervisor: { ...started.supervisor, claimed_at: started.started_at } };
  }
  // Before the look at the claim, because it comes first: where there are traces, it was there.
  const traces = started !== null || hasTraces(paths);
  const text = readReceipt(paths, CLAIM_FILE);
  const claim = parseRunClaim(text);
  if (claim !== null)
    return claim.kind === 'tombstone' ? { kind: 'given_up' } : { kind: 'supervisor', supervisor: claim };
  if (text === null && !traces) return { kind: 'nobody' };
  const { supervisor } = livingProcesses(root, paths);
  if (supervisor === null) return { kind: 'unknown' };
  const { pid, startTime } = supervisor;
  return { kind: 'supervisor', supervisor: { ...hostIdentity(), pid, start_time: startTime, claimed_at: now() } };
}

/** The logs are opened before the entrypoint is started, and by nobody else. */
function hasTraces(paths: RunPaths): boolean {
  const files = [join(paths.receipt, STARTED_FILE), join(paths.receipt, EXIT_FILE), paths.stdoutLog, paths.stderrLog];
  return files.some((path) => lstatOrNull(path) !== null);
}
