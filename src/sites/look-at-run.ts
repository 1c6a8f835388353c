import { runPaths } from '../records/paths.ts';
import type { RunView } from '../records/run-view.ts';
import type { Lost } from '../transports/transport.ts';
import type { LogPart, LogPiece } from './run-folder.ts';
import { siteOf } from './site.ts';
import { runFolderOf } from './table.ts';

/** Fetches the receipts and logs of a run once, for a command that does not drive. Returns why it could not. */
export function lookAtRun(root: string, view: RunView): Promise<Lost | null> {
  const { opened, job } = view;
  const here = runPaths(root, opened.iteration_id, opened.run_id);
  return runFolderOf(siteOf(root, opened), here).fetchNews(job?.job_id ?? null);
}

/** Tells the tasks of a run, wherever they are, of requests that were made here. Returns why it could not. */
export function tellTasks(root: string, { opened }: RunView, tasks: readonly number[]): Promise<Lost | null> {
  return runFolderOf(siteOf(root, opened), runPaths(root, opened.iteration_id, opened.run_id)).carryRequests(tasks);
}

/** Reads parts of the logs of the run, wherever they are. */
export function logReader(root: string, { opened }: RunView): (part: LogPart) => Promise<LogPiece> {
  return runFolderOf(siteOf(root, opened), runPaths(root, opened.iteration_id, opened.run_id)).pieceOfLog;
}
