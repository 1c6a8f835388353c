import { join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import { createExclusive } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { RunContext } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import { takeTombstone, tombstoneText } from '../../run/tombstone.ts';
import { CLAIM_FILE } from '../../schedulers/receipt-files.ts';
import { CLOSED_FILE, parseJobClaim } from '../../schedulers/slurm/receipt.ts';
import { type Site, siteOfRun } from '../../sites/site.ts';
import { refresh } from '../../sites/ssh/far-receipts.ts';
import { placeOnceArgv } from '../../transports/far-files.ts';
import type { Abandonable, Fenced } from '../executor.ts';

/** The launcher's side of the fence of a Slurm run: the claim that no job may have, where the jobs look for it. */

/** `mine`: no job can start the entrypoint any more. `taken`: see the receipts here. `unknown`: the host does not answer. */
export async function takeClaim(ctx: RunContext): Promise<'mine' | 'taken' | 'unknown'> {
  const { far } = siteOfRun(ctx);
  if (far === null) return takeTombstone(ctx) ? 'mine' : 'taken';
  const result = await far.ssh.run(placeOnceArgv(join(far.paths.receipt, CLAIM_FILE)), {
    timeoutMs: 30_000,
    stdin: tombstoneText(),
  });
  crashPoint('fence.claim_there');
  if (result.exitCode !== 0 || (await refresh(ctx)) !== null) return 'unknown';
  return result.stdout === 'mine\n' ? 'mine' : 'taken';
}

/** `may`: with the job whose claim was there at the look. Another claim came meanwhile. */
export async function closeToJobs(site: Site, paths: RunPaths, may: Abandonable): Promise<Fenced> {
  const claimed = (): Fenced | null => {
    const jobId = parseJobClaim(readReceipt(paths, CLAIM_FILE))?.job_id ?? null;
    if (jobId === null || (may.kind === 'yes' && jobId === may.claimedBy)) return null;
    return { kind: 'claimed', message: `Job ${jobId} has just claimed the run.` };
  };
  if (site.far === null) {
    const other = takeTombstone({ paths }) ? null : claimed();
    if (other !== null) return other;
    createExclusive(join(paths.receipt, CLOSED_FILE), `${now()}\n`);
    return { kind: 'closed', untold: null };
  }
  const { ssh, paths: there } = site.far;
  for (const [name, content] of [
    [CLAIM_FILE, tombstoneText()],
    [CLOSED_FILE, `${now()}\n`],
  ] as const) {
    const result = await ssh.run(placeOnceArgv(join(there.receipt, name)), { timeoutMs: 30_000, stdin: content });
    crashPoint(`close.${name}_there`);
    if (result.exitCode !== 0)
      return {
        kind: 'closed',
        untold: `${ssh.name} could not be notified (${result.lost?.words ?? result.stderr.trim()})`,
      };
    if (name !== CLAIM_FILE || result.stdout === 'mine\n') continue;
    await site.far.mirror.look(null, 0);
    const other = claimed();
    if (other !== null) return other;
  }
  return { kind: 'closed', untold: null };
}
