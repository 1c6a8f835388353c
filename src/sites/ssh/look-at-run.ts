import type { RunView } from '../../records/run-view.ts';
import type { Lost } from '../../transports/transport.ts';
import { siteOf } from '../site.ts';

/** Fetches the receipts and logs of a run once, for a command that does not drive. Returns why it could not. */
export async function lookAtRun(root: string, view: RunView): Promise<Lost | null> {
  const { far } = siteOf(root, view.opened);
  if (far === null) return null;
  const looked = await far.mirror.look(view.job?.job_id ?? null, 0);
  return looked.kind === 'lost' ? looked.lost : null;
}
