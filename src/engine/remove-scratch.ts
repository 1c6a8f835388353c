import { basename } from 'node:path';
import { originalOf } from '../executors/original.ts';
import { removeFolder } from '../platform/files.ts';
import type { RunView } from '../records/run-view.ts';
import { ownScratch } from '../run/scratch.ts';

/** What the design collects from there was copied into the run folder. In a copy of the project it is the original's. */
export function removeScratch(root: string, view: RunView): void {
  const { opened } = view;
  const { scratch, launch_mode: mode, run_id: runId } = opened;
  // The temporary folder may be called otherwise today: the name is what tells.
  const ours =
    mode === 'slurm' ? scratch === ownScratch(root, mode, runId) : basename(scratch).startsWith(`autolab-${runId}-`);
  if (ours && !opened.keep_temporary && originalOf(root, view) === null) removeFolder(scratch);
}
