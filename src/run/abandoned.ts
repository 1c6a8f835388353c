import { readDocument } from '../platform/document.ts';
import type { RunPaths } from '../records/paths.ts';

export interface AbandonNote {
  readonly by: string;
  readonly note: string;
}

/**
 * `abandoned.json` in a run folder: a person gave up a run whose journal could not be added to any more. It stands for
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
  /** Of the journal as it was then; null where it was gone. */
  readonly journal_sha256: string | null;
  /** `.autolab/active_run.json` as it was; null where there was none. */
  readonly claim: unknown;
  /** What the queue said of the jobs of a Slurm run; null for a local one. */
  readonly queue: string | null;
}

const LIMIT = 1024 * 1024;

/** null where the run was not given up in this way. Neither hangs nor throws, whatever stands there. */
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
