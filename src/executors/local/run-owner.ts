import { join } from 'node:path';
import { lstatOrNull } from '../../platform/files.ts';
import { hostIdentity } from '../../platform/host.ts';
import { now } from '../../platform/time.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { readReceipt } from '../../run/receipts.ts';
import { parseExit, parseRunClaim } from '../../schedulers/local/parse-receipt.ts';
import { type Exit, STARTED_FILE, type Supervisor } from '../../schedulers/local/receipt.ts';
import { CLAIM_FILE, EXIT_FILE } from '../../schedulers/receipt-files.ts';
import { livingProcesses } from './run-processes.ts';

/**
 * Who owns a local run. The journal rules; until it knows, the claim in `receipt/` says, which an entrypoint can
 * overwrite or remove. A claim that was taken is never treated as free: the entrypoint must not start twice.
 * Not for Slurm runs, whose claim a job links: the queue says whether that job is alive.
 */
export type RunOwner =
  /** No owner yet: a supervisor may be started. */
  | { readonly kind: 'unclaimed' }
  | { readonly kind: 'supervisor'; readonly supervisor: Supervisor }
  /** A driver took the claim so that nothing starts the run. */
  | { readonly kind: 'tombstone' }
  /** The claim was taken, and no longer says by which process. */
  | { readonly kind: 'unknown' };

/** The owner of a run that may no longer be started. */
export type TakenBy = Exclude<RunOwner, { readonly kind: 'unclaimed' }>;

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
  // Before the claim is read, because the claim comes first: if there are traces, there was a claim.
  const traces = started !== null || hasTraces(paths);
  const text = readReceipt(paths, CLAIM_FILE);
  const claim = parseRunClaim(text);
  if (claim !== null)
    return claim.kind === 'tombstone' ? { kind: 'tombstone' } : { kind: 'supervisor', supervisor: claim };
  if (text === null && !traces) return { kind: 'unclaimed' };
  const { supervisor } = livingProcesses(root, paths);
  if (supervisor === null) return { kind: 'unknown' };
  const { pid, startTime } = supervisor;
  return { kind: 'supervisor', supervisor: { ...hostIdentity(), pid, start_time: startTime, claimed_at: now() } };
}

/** Only the supervisor opens the logs, before it starts the entrypoint. */
function hasTraces(paths: RunPaths): boolean {
  const files = [join(paths.receipt, STARTED_FILE), join(paths.receipt, EXIT_FILE), paths.stdoutLog, paths.stderrLog];
  return files.some((path) => lstatOrNull(path) !== null);
}

/** The receipt that the supervisor left of the end; null if there is none. */
export function exitIn(paths: RunPaths): Exit | null {
  return parseExit(readReceipt(paths, EXIT_FILE));
}
