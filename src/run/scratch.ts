import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../platform/ids.ts';

/** The run's folder for what need not be kept. A profile's scratch is the user's; only our own is removed. */

/**
 * Where no profile names one: for a local run under the system's temporary folder (two projects on one host may give
 * their runs the same id), for a Slurm run beside the project, because the temporary folder of a node is not seen from here.
 */
export function ownScratch(root: string, mode: 'local' | 'slurm', runId: string): string {
  if (mode === 'slurm') return join(root, '.autolab', 'tmp', runId);
  return join(tmpdir(), `autolab-${runId}-${sha256(root).slice(0, 12)}`);
}
