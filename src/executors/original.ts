import { dirname } from 'node:path';
import { type Failure, failureOf } from '../errors/failure.ts';
import { lstatOrNull, realPathOr } from '../platform/files.ts';
import { inodeOf } from '../platform/inode.ts';
import { runPaths } from '../records/paths.ts';
import type { RunView } from '../records/run-view.ts';
import { placeOf } from '../run/place.ts';
import { executorOf } from './table.ts';

/**
 * A copy of a project with an open run (`cp -a`) has the run's record, and not the run: its processes, jobs and scratch are
 * the original's, and ending or starting anything by the copy's record would end or repeat the original's run.
 */

/** The project that the run belongs to, if that is another one; null if nothing shows that it is not this one. */
export function originalOf(root: string, view: RunView): string | null {
  const paths = runPaths(root, view.opened.iteration_id, view.opened.run_id);
  const held = executorOf(view.opened).folderInUse({ root, view, paths });
  if (held !== null) {
    // A folder that was removed is continued by nobody else: here, `receipt/` can be removed, too.
    if (held.removed || held.inode === inodeOf(paths.receipt)) return null;
    const project = ancestor(held.path, 5);
    return project === realPathOr(root) ? null : project;
  }
  const { place } = view;
  if (place === null) return null;
  const here = placeOf(root, paths);
  if (here.project === place.project || (here.inode !== null && here.inode === place.inode)) return null;
  const there = runPaths(place.project, view.opened.iteration_id, view.opened.run_id);
  // An entrypoint that makes its old folder again does not make a journal in it.
  if (lstatOrNull(realPathOr(there.journal))?.isFile() !== true) return null;
  // One folder under two names, such as two mounts of it, is not a copy.
  return inodeOf(there.folder) === here.inode ? null : place.project;
}

function ancestor(path: string, levels: number): string {
  return levels === 0 ? path : ancestor(dirname(path), levels - 1);
}

/**
 * Why a copy leaves the run alone. A run that is over is finished there as well: that starts nothing and ends
 * nothing, and each of the two is a record of what happened.
 */
export function guardOriginal(root: string, view: RunView): Failure | null {
  const paths = runPaths(root, view.opened.iteration_id, view.opened.run_id);
  const original = executorOf(view.opened).isOver({ root, view, paths }) ? null : originalOf(root, view);
  if (original === null) return null;
  return failureOf('run.copied', {
    message: `The run ${view.opened.run_id} belongs to ${original}; this project is a copy of it.`,
  });
}
