import { crashPoint } from '../../platform/crash-points.ts';
import { now } from '../../platform/time.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunContext } from '../../run/context.ts';
import { tombstoneText } from '../../run/tombstone.ts';
import { CLAIM_FILE } from '../../schedulers/receipt-files.ts';
import { CLOSED_FILE } from '../../schedulers/slurm/receipt.ts';
import type { Placed } from '../../sites/run-folder.ts';
import type { Site } from '../../sites/site.ts';
import { folderOfRun, refresh, runFolderOf } from '../../sites/table.ts';
import type { Abandonable, Fenced } from '../executor.ts';
import { jobClaimIn } from './job-receipts.ts';

/**
 * autolab's side of the fence of a Slurm run: the claim that no job may have, at the place where the jobs look for it.
 */

/**
 * `mine`: no job can start the entrypoint any more. `taken`: see the receipts here. `unknown`: the host does not
 * answer.
 */
export async function takeClaim(ctx: RunContext): Promise<Placed['kind']> {
  const placed = await folderOfRun(ctx).placeOnce(CLAIM_FILE, tombstoneText());
  crashPoint('fence.claim_there');
  return placed.kind !== 'unknown' && (await refresh(ctx)) === null ? placed.kind : 'unknown';
}

/** `may`: with the job whose claim was there at the look. Another claim came meanwhile. */
export async function closeToJobs(site: Site, paths: RunPaths, may: Abandonable): Promise<Fenced> {
  const folder = runFolderOf(site, paths);
  const claim = await folder.placeOnce(CLAIM_FILE, tombstoneText());
  crashPoint('close.claim_there');
  if (claim.kind === 'unknown') return { kind: 'closed', unreported: unreportedTo(claim) };
  if (claim.kind === 'taken') {
    await folder.fetchNews(null);
    const other = claimOfAnother(paths, may);
    if (other !== null) return other;
  }
  const closed = await folder.placeOnce(CLOSED_FILE, `${now()}\n`);
  crashPoint('close.closed_there');
  return { kind: 'closed', unreported: closed.kind === 'unknown' ? unreportedTo(closed) : null };
}

function unreportedTo({ host, words }: Extract<Placed, { kind: 'unknown' }>): string {
  return `${host} could not be notified (${words})`;
}

function claimOfAnother(paths: RunPaths, may: Abandonable): Fenced | null {
  const jobId = jobClaimIn(paths)?.job_id ?? null;
  if (jobId === null || (may.kind === 'yes' && jobId === may.claimedBy)) return null;
  return { kind: 'claimed', message: `Job ${jobId} has just claimed the run.` };
}
