import { basename, dirname } from 'node:path';
import { type Failure, failureOf } from '../errors/failure.ts';
import { lstatOrNull, realPathOr } from '../platform/files.ts';
import { livenessOf } from '../platform/host.ts';
import { inodeOf, type WorkingFolder, workingFolderOf } from '../platform/inode.ts';
import { type RunPaths, runPaths } from '../records/paths.ts';
import type { RunView } from '../records/run-view.ts';
import { placeOf } from '../run/place.ts';
import { readReceipt } from '../run/receipts.ts';
import { parseExit } from '../schedulers/local/parse-receipt.ts';
import { EXIT_FILE } from '../schedulers/receipt-files.ts';
import { ownerOf } from './local/run-owner.ts';

/**
 * A copy of a project with an open run (`cp -a`) has the run's record, and not the run: its processes, jobs and scratch are
 * the original's, and ending or starting anything by the copy's record would end or repeat what goes on over there.
 */

/** The project that the run belongs to, where that is another one; null: this is the one, as far as anything tells. */
export function originalOf(root: string, view: RunView): string | null {
  const paths = runPaths(root, view.opened.iteration_id, view.opened.run_id);
  const held = view.opened.launch_mode === 'local' ? heldBySupervisor(root, view, paths) : null;
  if (held !== null) return held.inode === inodeOf(paths.receipt) ? null : ancestor(held.path, 5);
  const { place } = view;
  if (place === null) return null;
  const here = placeOf(root, paths);
  if (here.project === place.project || (here.inode !== null && here.inode === place.inode)) return null;
  const there = runPaths(place.project, view.opened.iteration_id, view.opened.run_id);
  // An entrypoint that makes its old folder anew makes no journal in it.
  if (lstatOrNull(realPathOr(there.journal))?.isFile() !== true) return null;
  // One folder under two names, such as two mounts of it, is no copy.
  return inodeOf(there.folder) === here.inode ? null : place.project;
}

/** It works in the run's `receipt/`, which `mv` keeps and `cp` does not; null where none lives here. */
function heldBySupervisor(root: string, view: RunView, paths: RunPaths): WorkingFolder | null {
  const owner = ownerOf({ root, view, paths });
  if (owner.kind !== 'supervisor' || livenessOf(owner.supervisor) !== 'alive') return null;
  const folder = workingFolderOf(owner.supervisor.pid);
  return folder === null || basename(folder.path) !== basename(paths.receipt) ? null : folder;
}

function isOver(root: string, view: RunView): boolean {
  const { opened, steps } = view;
  const paths = runPaths(root, opened.iteration_id, opened.run_id);
  if (opened.launch_mode === 'slurm') return steps.get('confirm')?.outcome?.status === 'done';
  if (parseExit(readReceipt(paths, EXIT_FILE)) !== null) return true;
  const owner = ownerOf({ root, view, paths });
  return owner.kind === 'given_up' || (owner.kind === 'supervisor' && livenessOf(owner.supervisor) === 'dead');
}

function ancestor(path: string, levels: number): string {
  return levels === 0 ? path : ancestor(dirname(path), levels - 1);
}

/**
 * Why nothing is done about the run in a copy. A run that is over is finished there as well: that starts nothing and ends
 * nothing, and each of the two is a record of what happened.
 */
export function guardOriginal(root: string, view: RunView): Failure | null {
  const original = isOver(root, view) ? null : originalOf(root, view);
  if (original === null) return null;
  return failureOf('run.copied', {
    message: `The run ${view.opened.run_id} belongs to ${original}; this project is a copy of it.`,
  });
}
