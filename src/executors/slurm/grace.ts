import type { OpenedData } from '../../records/run-data.ts';
import type { Objection } from '../../run/objection.ts';
import { configArgv, killWaitSeconds } from '../../schedulers/slurm/config.ts';
import { siteOf } from '../../sites/site.ts';
import { askSlurm } from './question.ts';

/**
 * Reasons against `compute.grace` on this site, or null: how long a job has to end after it was asked to is the site's
 * KillWait, which no job can raise. A site that does not answer is not a reason.
 */
export async function graceObjection(root: string, opened: OpenedData): Promise<Objection | null> {
  const grace = opened.resource_request.grace_seconds;
  if (grace === undefined) return null;
  const answer = await askSlurm(siteOf(root, opened), configArgv());
  const most = answer.exitCode === 0 ? killWaitSeconds(answer.stdout) : null;
  if (most === null || grace <= most) return null;
  return {
    code: 'design.invalid',
    message: `compute.grace asks for ${grace} s, and this site kills a job ${most} s after it was asked to end (KillWait).`,
    hint: `Ask for a signal before the time limit instead: compute.signal: "USR1@${grace}"; and leave compute.grace out, or at most ${most}.`,
  };
}
