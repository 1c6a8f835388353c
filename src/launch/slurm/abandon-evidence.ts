import { join } from 'node:path';
import { exists } from '../../platform/files.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import { CLAIM_FILE, EXIT_FILE, parseJobClaim } from '../../schedulers/slurm/receipt.ts';
import { Mirror } from '../remote/mirror.ts';
import { readReceipt } from '../run-owner.ts';
import { siteOf } from '../site.ts';
import { strangeCluster } from './same-cluster.ts';
import { queueStanding } from './standing.ts';

/** Whether a person may give up a Slurm run: not while a job of it is known to be alive, nor where resuming would do. */
export type Abandonable =
  | { readonly kind: 'yes'; readonly evidence: string }
  | { readonly kind: 'no'; readonly message: string; readonly hint: string };

export async function mayAbandon(root: string, paths: RunPaths, view: RunView): Promise<Abandonable> {
  const { job } = view;
  if (job === null && view.submissions.tried === 0)
    return { kind: 'no', message: 'No job was submitted.', hint: 'Use: autolab cancel' };
  const strange = await strangeCluster(root, view);
  if (strange !== null)
    return {
      kind: 'no',
      message: strange,
      hint: 'Ask the cluster of the run: set SLURM_CONF as for the launch, then call again.',
    };
  const standing = await queueStanding(root, view, false);
  if (standing.state !== null)
    return {
      kind: 'no',
      message: `Job ${job?.job_id ?? ''} is known to be alive: ${standing.words}.`,
      hint: 'Use: autolab cancel',
    };
  const { far } = siteOf(root, view.opened);
  const looked = far === null ? null : await new Mirror(far, paths).look(job?.job_id ?? null, 0);
  const silent = looked?.kind === 'lost' ? `; ${far?.ssh.name ?? ''} does not answer (${looked.lost.words})` : '';
  const claim = parseJobClaim(readReceipt(paths, CLAIM_FILE));
  const asked = job === null ? 'sbatch gave no clear answer' : `the queue says of job ${job.job_id}: ${standing.words}`;
  const begun = claim === null ? 'no job claimed the run' : `job ${claim.job_id} claimed it at ${claim.claimed_at}`;
  const ended = exists(join(paths.receipt, EXIT_FILE)) ? ', and left a receipt of its end' : '';
  return { kind: 'yes', evidence: `${asked}; ${begun}${ended}${silent}` };
}
