import { originalOf } from '../executors/original.ts';
import { executorOf } from '../executors/table.ts';
import { removeFolder } from '../platform/files.ts';
import type { RunView } from '../records/run-view.ts';

/** What the design collects from there was copied into the run folder. In a copy of the project it is the original's. */
export function removeScratch(root: string, view: RunView): void {
  const { opened } = view;
  const ours = executorOf(opened).madeScratch(root, opened);
  if (!ours || opened.keep_temporary || originalOf(root, view) !== null) return;
  try {
    removeFolder(opened.scratch);
  } catch {
    // Whatever it has become: temporary files do not keep a run open.
  }
}
