import type { OpenedData } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import type { Lost } from '../transports/transport.ts';
import { isRemote } from './is-remote.ts';

/** Fetches what is new of a run; what that needs is loaded only then. Returns why it could not, or null. */
export type FetchNews = (root: string, view: RunView) => Promise<Lost | null>;

/** How a command that does not drive learns what is new of a run; null if it is written here as it happens. */
export function newsOf(opened: OpenedData): FetchNews | null {
  return isRemote(opened) ? async (root, view) => (await import('./look-at-run.ts')).lookAtRun(root, view) : null;
}
