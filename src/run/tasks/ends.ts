import { readTextOrNull, writeFileIfChanged } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { RunPaths } from '../../records/paths.ts';
import { resultOf, type RunView } from '../../records/run-view.ts';
import { formatTaskLines, parseTaskEnds, type TaskEnd } from '../../records/tasks/task-end.ts';
import { taskPaths } from '../../records/tasks/task-files.ts';
import { type RunContext, viewOf } from '../context.ts';
import { takenOverTasks, withTakenOver } from './reuse.ts';

/** How every task ended, as the step that saw it says it: a file whose digest is in the step's outcome. */

/** Writes the file; returns what the outcome says of it. */
export function writeTaskEnds(ctx: RunContext, ends: readonly TaskEnd[]): { readonly ends_sha256: string } {
  const { tasks } = viewOf(ctx).opened;
  const text = formatTaskLines(withTakenOver(ends, takenOverTasks(ctx.paths, tasks ?? {})));
  ctx.lease.assertHeld();
  writeFileIfChanged(taskPaths(ctx.paths).ends, text);
  return { ends_sha256: sha256(text) };
}

/** Null if no step has seen their ends, or the file is not what it wrote. */
export function readTaskEnds(ctx: Pick<RunContext, 'paths' | 'journal' | 'memory'>): readonly TaskEnd[] | null {
  return endsRecorded(viewOf(ctx), ctx.paths);
}

/** The same for whoever only looks. */
export function endsRecorded(view: RunView, paths: RunPaths): readonly TaskEnd[] | null {
  const digest = (resultOf(view, 'execute') ?? resultOf(view, 'confirm'))?.tasks?.ends_sha256;
  const text = readTextOrNull(taskPaths(paths).ends);
  return text === null || sha256(text) !== digest ? null : parseTaskEnds(text);
}
