import type { Ran } from '../../schedulers/slurm/answer.ts';
import { limitIn, type LimitReason, readLimitReason } from '../../schedulers/slurm/limit-reason.ts';
import type { QueueAnswer } from '../../schedulers/slurm/queue.ts';
import { parseShownJob, showJobArgv, type ShownJob } from '../../schedulers/slurm/scontrol.ts';
import {
  type LimitRow,
  parseLimits,
  parsePartitions,
  showAssociationsArgv,
  showPartitionsArgv,
  showQosArgv,
} from '../../schedulers/slurm/site-limits.ts';

/** Why a job waits, if it cannot start on its own: the limit that it exceeds, or what the user can do. */

export type Ask = (argv: readonly string[]) => Promise<Ran>;

type Listed = Extract<QueueAnswer, { readonly kind: 'listed' }>;

/** Returns null if it waits for its turn. */
export async function whyWaiting(ask: Ask, jobId: string, answer: Listed, released: boolean): Promise<string | null> {
  if (answer.held) return released ? heldWords(answer.reason ?? '', jobId) : null;
  const limit = answer.state === 'PENDING' ? readLimitReason(answer.reason ?? '') : null;
  if (limit === null) return null;
  const job = parseShownJob((await ask(showJobArgv(jobId))).stdout, jobId);
  return job === null ? null : limitWords(limit, job, await rowsOf(ask, limit, job));
}

function heldWords(reason: string, jobId: string): string {
  const release = `\`scontrol release ${jobId}\``;
  if (/launch.failed/i.test(reason))
    return `Slurm could not start it on its node (the prolog, or the node), and holds it; \`sinfo -R\` may say why. It starts only after ${release}; or stop it: autolab cancel`;
  if (/admin/i.test(reason)) return 'an administrator holds it: ask the site, or stop it: autolab cancel';
  return `it is held, and starts only after ${release}; or stop it: autolab cancel`;
}

async function rowsOf(ask: Ask, { scope }: LimitReason, job: ShownJob): Promise<readonly LimitRow[]> {
  if (scope === 'partition') {
    const rows = parsePartitions(await ask(showPartitionsArgv()));
    return rows.filter(({ PartitionName: name }) => name === job['Partition']);
  }
  const argv = scope === 'qos' ? showQosArgv(job['QOS'] ?? '') : showAssociationsArgv(job['Account'] ?? '');
  const rows = argv === null ? [] : parseLimits(await ask(argv));
  if (scope === 'qos') return rows;
  // The limits of a user, and those of the account that all its users share.
  const user = (job['UserId'] ?? '').replace(/\(.*$/, '');
  return [...rows.filter((row) => row['User'] === user), ...rows.filter((row) => row['User'] === '')];
}

function limitWords(limit: LimitReason, job: ShownJob, rows: readonly LimitRow[]): string {
  const { scope, key } = limit;
  const owner =
    scope === 'partition'
      ? `the partition ${job['Partition'] ?? ''}`
      : scope === 'qos'
        ? `the QOS ${job['QOS'] ?? ''}`
        : `the account ${job['Account'] ?? ''}`;
  const said = limitIn(rows, limit);
  const value = said === null ? 'has a limit that it does not show' : `allows ${said}`;
  const asked = key === 'time' ? ` (the job asks for ${job['TimeLimit'] ?? ''})` : '';
  const other = scope === 'partition' ? 'compute.partition' : scope === 'qos' ? 'compute.qos' : 'compute.account';
  const change = other === `compute.${key}` ? other : `compute.${key}, or name another one in ${other}`;
  return `${owner} ${value}${asked}: it waits until that changes. Stop it (autolab cancel) and change ${change}`;
}
