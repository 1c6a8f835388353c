import { readDocument } from '../platform/document.ts';
import type { RunPaths } from '../records/paths.ts';

export interface AbandonNote {
  readonly by: string;
  readonly note: string;
}

/**
 * `abandoned.json` in a run folder: the user abandoned a run whose journal can no longer be appended to. It replaces
 * the `run.closed` that such a journal will never have.
 */
export interface Abandoned {
  readonly run_id: string;
  readonly iteration_id: string;
  readonly by: string;
  readonly note: string;
  readonly at: string;
  /** What was wrong with the journal. */
  readonly problem: string;
  /** SHA-256 of the journal as it was then; null if it was gone. */
  readonly journal_sha256: string | null;
  /** `.autolab/active_run.json` as it was; null if there was none. */
  readonly claim: unknown;
  /** What was found of the run: its jobs in the queue, its processes on this host and that they were ended; null if nothing. */
  readonly queue: string | null;
}

const LIMIT = 1024 * 1024;

/** Returns null if the run was not abandoned in this way. Neither hangs nor throws, whatever the file is. */
export function readAbandoned(paths: RunPaths, runId: string): Abandoned | null {
  const read = readDocument(paths.abandoned, LIMIT);
  if (read.kind !== 'text') return null;
  try {
    const value = JSON.parse(read.text) as Abandoned | null;
    const texts = [value?.by, value?.note, value?.at, value?.problem].every((text) => typeof text === 'string');
    return texts && value?.run_id === runId ? value : null;
  } catch {
    return null;
  }
}
