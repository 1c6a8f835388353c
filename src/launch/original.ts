import { failureOf, type Failure } from '../errors/failure.ts';
import { lstatOrNull, realPathOr } from '../platform/files.ts';
import { runPaths } from '../records/paths.ts';
import type { OpenedData } from '../records/run-data.ts';

/**
 * A copy of a project with an open run (`cp -a`) has the run's record, and not the run: its processes, jobs and scratch are
 * the original's, and ending or starting anything by the copy's record would end or repeat what goes on over there.
 */

/** The project that the run was claimed in, where that is another folder and still has the run; null: this is the one. */
export function originalOf(root: string, opened: OpenedData): string | null {
  const { project, iteration_id: iterationId, run_id: runId } = opened;
  if (project === undefined || project === realPathOr(root)) return null;
  const journalIn = (folder: string): ReturnType<typeof lstatOrNull> =>
    lstatOrNull(realPathOr(runPaths(folder, iterationId, runId).journal));
  // Moved: an entrypoint that makes its old folder anew makes no journal in it.
  const [there, here] = [journalIn(project), journalIn(root)];
  if (there?.isFile() !== true) return null;
  // One folder under two names, such as two mounts of it, is no copy.
  const same = there.ino === here?.ino && (there.dev === here.dev || there.size === here.size);
  return same ? null : project;
}

/** Why nothing is done about the run in a copy. */
export function guardOriginal(root: string, opened: OpenedData): Failure | null {
  const original = originalOf(root, opened);
  if (original === null) return null;
  return failureOf('run.copied', {
    message: `The run ${opened.run_id} belongs to ${original}; this project is a copy of it.`,
  });
}
