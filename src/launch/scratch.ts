import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { removeFolder } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import type { RunView } from '../records/run-view.ts';
import { originalOf } from '../executors/original.ts';

/** The run's folder for what need not be kept. A profile's scratch is the user's; only our own is removed. */

/**
 * Where no profile names one: for a local run under the system's temporary folder (two projects on one host may give
 * their runs the same id), for a Slurm run beside the project, because the temporary folder of a node is not seen from here.
 */
export function ownScratch(root: string, mode: 'local' | 'slurm', runId: string): string {
  if (mode === 'slurm') return join(root, '.autolab', 'tmp', runId);
  return join(tmpdir(), `autolab-${runId}-${sha256(root).slice(0, 12)}`);
}

/** What the design collects from there was copied into the run folder. In a copy of the project it is the original's. */
export function removeScratch(root: string, view: RunView): void {
  const { opened } = view;
  const { scratch, launch_mode: mode, run_id: runId } = opened;
  // The temporary folder may be called otherwise today: the name is what tells.
  const ours =
    mode === 'slurm' ? scratch === ownScratch(root, mode, runId) : basename(scratch).startsWith(`autolab-${runId}-`);
  if (ours && !opened.keep_temporary && originalOf(root, view) === null) removeFolder(scratch);
}
