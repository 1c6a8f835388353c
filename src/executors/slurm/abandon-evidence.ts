import { join } from 'node:path';
import { exists } from '../../platform/files.ts';
import { sleep } from '../../platform/time.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { TasksOrder } from '../../records/run-data.ts';
import type { RunView } from '../../records/run-view.ts';
import { taskPaths } from '../../records/tasks/task-files.ts';
import { listTaskReceipts } from '../../run/tasks/look.ts';
import { takenOverTasks } from '../../run/tasks/reuse.ts';
import { EXIT_FILE } from '../../schedulers/receipt-files.ts';
import { copiesArgv, judgeCopies } from '../../schedulers/slurm/lookup.ts';
import type { JobClaim } from '../../schedulers/slurm/receipt.ts';
import { marksOf } from '../../schedulers/slurm/submit.ts';
import { lookAtRun } from '../../sites/look-at-run.ts';
import { siteOf } from '../../sites/site.ts';
import type { Abandonable, RecordedRun } from '../executor.ts';
import { jobClaimIn } from './job-receipts.ts';
import { askSlurm } from './question.ts';
import { strangeCluster } from './same-cluster.ts';
import { type QueueStanding, queueStanding } from './standing.ts';

/** Whether a user may abandon a Slurm run: not while a job of it is known to be alive, nor if resuming would do. */
export async function mayAbandon({ root, view, paths }: RecordedRun): Promise<Abandonable> {
  const { job } = view;
  if (job === null && view.submissions.tried === 0)
    return { kind: 'no', message: 'No job was submitted.', hint: 'Use: autolab cancel' };
  const strange = await strangeCluster(root, view);
  if (strange !== null)
    return {
      kind: 'no',
      message: strange,
      hint: 'Query the cluster of the run: set SLURM_CONF as for the launch, then run the command again.',
    };
  const standing = await standingOfAll(root, view);
  if ('alive' in standing)
    return { kind: 'no', message: `Job ${standing.alive} is known to be alive.`, hint: 'Use: autolab cancel' };
  const lost = await lookAtRun(root, view);
  const { name } = siteOf(root, view.opened).transport;
  const silent = lost === null ? '' : `; ${name} does not answer (${lost.words})`;
  const claim = jobClaimIn(paths);
  const asked = job === null ? 'sbatch gave no clear answer' : `the queue says of job ${job.job_id}: ${standing.words}`;
  const { tasks } = view.opened;
  const begun = tasks === undefined ? jobWords(paths, claim) : tasksWords(paths, tasks);
  return { kind: 'yes', evidence: `${asked}; ${begun}${silent}`, claimedBy: claim?.job_id ?? null };
}

function jobWords(paths: RunPaths, claim: JobClaim | null): string {
  const begun = claim === null ? 'no job claimed the run' : `job ${claim.job_id} claimed it at ${claim.claimed_at}`;
  return `${begun}${exists(join(paths.receipt, EXIT_FILE)) ? ', and left a receipt of its end' : ''}`;
}

/** Each task has a claim of its own. */
function tasksWords(paths: RunPaths, order: TasksOrder): string {
  const taken = takenOverTasks(paths, order);
  const seen = [...listTaskReceipts(taskPaths(paths).receipts, order.count)].filter(([index]) => !taken.has(index));
  const claimed = seen.filter(([, { attempt }]) => attempt !== null);
  const ended = claimed.filter(([, { exited }]) => exited);
  return `${claimed.length} of ${order.count - taken.size} tasks were claimed, and ${ended.length} left a receipt of their end`;
}

const ASKED = 2;
/** An answer that may be wrong once is asked for again after this. */
const AGAIN_MS = 3_000;
const TIMEOUT_MS = 15_000;

/** Asks about the job and every other one submitted for the run: one may be alive that no answer of sbatch named. */
async function standingOfAll(root: string, view: RunView): Promise<QueueStanding | { readonly alive: string }> {
  const { opened, job } = view;
  for (let asked = 1; ; asked += 1) {
    const standing = await queueStanding(root, view, false);
    if (standing.state !== null) return { alive: `${job?.job_id ?? ''} (${standing.words})` };
    const queue = await askSlurm(siteOf(root, opened), copiesArgv(), TIMEOUT_MS);
    const found = opened.slurm === null ? null : judgeCopies(queue, marksOf(opened.slurm.key, opened.slurm.argv));
    const living = found?.kind === 'known' ? found.copies.find((copy) => copy.alive) : undefined;
    if (living !== undefined) return { alive: living.jobId };
    // One empty answer does not count; if Slurm does not answer, it will not a moment later.
    if (asked >= ASKED || found?.kind !== 'known') return standing;
    await sleep(AGAIN_MS);
  }
}
