import type { OpenedData } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import type { Lost } from '../transports/transport.ts';
import { isRemote } from './is-remote.ts';
import { logAsked, logHere, type OpenLog } from './log-source.ts';

/** Fetches what is new of a run; what that needs is loaded only then. Returns why it could not, or null. */
export type FetchNews = (root: string, view: RunView) => Promise<Lost | null>;

/** How the logs of a run are opened: those of an open run elsewhere are asked for. */
export function openerOf(root: string, view: RunView): OpenLog {
  if (!isRemote(view.opened) || view.closed !== null) return logHere;
  const reader = import('./look-at-run.ts').then(({ logReader }) => logReader(root, view));
  return (path) => logAsked(path, async (name, offset, most) => (await reader)({ path: name, offset, most }));
}

/** How a command that does not drive learns what is new of a run; null if it is written here as it happens. */
export function newsOf(opened: OpenedData): FetchNews | null {
  return isRemote(opened) ? async (root, view) => (await import('./look-at-run.ts')).lookAtRun(root, view) : null;
}

/** How requests about tasks get to them; null if they see what is written here. */
export function requestsOf({
  opened,
}: RunView): ((root: string, view: RunView, tasks: readonly number[]) => Promise<Lost | null>) | null {
  if (!isRemote(opened)) return null;
  return async (root, view, tasks) => (await import('./look-at-run.ts')).tellTasks(root, view, tasks);
}

const BRINGING_BACK = ['sync_artifacts_to_local', 'salvage'];

/** Whether the logs of a closed run may be longer on its host than here: only a compared transfer shows that they are not. */
export function mayLackTheirEnd({ closed, opened, job, steps }: RunView): boolean {
  if (closed === null || job === null || !isRemote(opened) || opened.remote?.mode === 'shared_fs') return false;
  return !BRINGING_BACK.some((name) => steps.get(name)?.outcome?.transfer?.verified === true);
}
