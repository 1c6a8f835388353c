import { basename, dirname, join, sep } from 'node:path';
import { type Failure, failureOf } from '../../errors/failure.ts';
import { lstatOrNull, realPathOr } from '../../platform/files.ts';
import type { RunPaths } from '../../records/paths.ts';

/**
 * A run can put a link in the place of its logs, or of its folder: what that leads to is no log of the run. The folder of
 * the experiment may be a link to another place of the project. Null if the log is the run's own, or is not there.
 */
export function strangeLog(root: string, paths: RunPaths, path: string): Failure | null {
  if (lstatOrNull(path) === null) return null;
  const runs = realPathOr(dirname(paths.folder));
  const own = join(runs, basename(paths.folder));
  if (runs.startsWith(realPathOr(root) + sep) && realPathOr(path).startsWith(own + sep)) return null;
  const shown = path.slice(paths.folder.length + 1);
  return failureOf('path.escapes', {
    message: `${paths.relative}/${shown} leads through a symbolic link out of the folder of the run, and is not read.`,
    hint: 'Remove the link; what it leads to is no log of the run.',
  });
}
