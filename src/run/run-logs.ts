import type { RunPaths } from '../records/paths.ts';
import { slurmLogs } from '../records/paths.ts';
import type { RunView } from '../records/run-view.ts';

/** Where the two streams of a run are; absolute. A job that was not submitted yet has none. */
export function logsOf(view: RunView, paths: RunPaths): { readonly stdout: string; readonly stderr: string } {
  if (view.opened.launch_mode === 'local') return { stdout: paths.stdoutLog, stderr: paths.stderrLog };
  return slurmLogs(paths, view.job?.job_id ?? 'not-submitted');
}
