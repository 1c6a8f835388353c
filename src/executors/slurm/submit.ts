import { join } from 'node:path';
import { exists, makeFolder, realPathOr } from '../../platform/files.ts';
import { inodeOf } from '../../platform/inode.ts';
import { LEDGER, runPaths } from '../../records/paths.ts';
import type { SubmitResult } from '../../records/step-results.ts';
import { cancelRequest } from '../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { never, type Step, type StepEnd } from '../../run/step.ts';
import { configArgv } from '../../schedulers/slurm/config.ts';
import { submitterOf } from '../../sites/table.ts';
import { answerFileName } from './call-name.ts';
import { bringIntoQueue } from './into-queue.ts';
import { lookupOf } from './look-up.ts';
import { jobIdOf, orderOf } from './order.ts';
import { askedEnough } from './release.ts';
import { isCompared, noSuchCluster, otherCluster } from './same-cluster.ts';
import { askWithNews, noteRead, type SlurmReply, type WithNews } from './scheduler.ts';
import { settleJob } from './settle-job.ts';
import { submitTasks } from './tasks/submit-tasks.ts';

/**
 * Gets exactly one job into the queue (X1). The job is submitted held and under a name of its own; its id is written
 * down before it is released; and if an answer was lost, the queue is searched for that name before anything is
 * submitted again. `run` and `reconcile` are the same: everything that was done before is in the journal or in the queue.
 */
export const submit: Step = {
  name: 'submit',
  skip: never,
  intent: (ctx) => ({ key: orderOf(ctx).key, script_sha256: viewOf(ctx).opened.entrypoint.script_sha256 }),
  run: submitJob,
  reconcile: submitJob,
};

async function submitJob(ctx: RunContext): Promise<StepEnd> {
  const moved = movedBefore(ctx);
  if (moved !== null) return moved;
  makeFolder(ctx.paths.logs);
  submitterOf(ctx).makeScratch(viewOf(ctx).opened.scratch);
  const enough = cancelRequest(ctx) === null ? askedEnough(ctx) : null;
  if (enough !== null) return enough;
  const unknown = await noSuchCluster(ctx);
  if (unknown !== null) return unknown;
  const early = await askBeforeFirst(ctx);
  const strange = await otherCluster(ctx, 'submit', early?.config ?? null);
  if (strange !== null) {
    if (early !== null) noteRead(ctx, 'submit', { command: 'squeue', answer: 'asked of another cluster' });
    return strange;
  }
  const end = viewOf(ctx).opened.tasks === undefined ? await submitOne(ctx, early?.queue) : await submitTasks(ctx);
  if (end?.kind === 'paused') return end;
  if (end !== null) return { ...end, writes: [...new Set([...(end.writes ?? []), ...written(ctx)])] };
  const jobId = jobIdOf(ctx);
  const result: SubmitResult = { job_id: jobId, evidence: evidenceOf(ctx) };
  return { kind: 'done', message: `job ${jobId}`, writes: written(ctx), result };
}

/** Before the first submission: which cluster it is, and whether it has a job under our name, in one round trip. */
async function askBeforeFirst(
  ctx: RunContext,
): Promise<{ readonly config: SlurmReply; readonly queue: WithNews } | null> {
  const { opened, submissions, job } = viewOf(ctx);
  const isFirst = opened.tasks === undefined && submissions.tried === 0 && job === null;
  if (!isFirst || isCompared(ctx) || cancelRequest(ctx) !== null) return null;
  const { replies, lost } = await askWithNews(ctx, [configArgv(), lookupOf(ctx, 0)]);
  const [config, queue] = replies;
  return config === undefined || queue === undefined ? null : { config, queue: { replies: [queue], lost } };
}

/** Returns null if the job is in the queue, and may start. */
async function submitOne(ctx: RunContext, early: WithNews | undefined): Promise<StepEnd | null> {
  return (await bringIntoQueue(ctx, 0, early)) ?? (await settleJob(ctx, 0));
}

/** The script and the arguments of `sbatch` name the place where they were made. */
function movedBefore(ctx: RunContext): StepEnd | null {
  const { opened, submissions } = viewOf(ctx);
  const { place } = opened;
  if (place === undefined || !submitterOf(ctx).namesThisProject || submissions.tried > 0) return null;
  if (place.project === realPathOr(ctx.root)) return null;
  // The same folder under another name is there by the old one as well.
  if (inodeOf(runPaths(place.project, opened.iteration_id, opened.run_id).folder) === inodeOf(ctx.paths.folder))
    return null;
  const message = `The project was moved from ${place.project} before the job was submitted, and the script names that place.`;
  return { kind: 'failed', code: 'run.moved', retryable: false, message };
}

function evidenceOf(ctx: RunContext): string[] {
  const { submissions, job } = viewOf(ctx);
  const evidence: string[] = [];
  if (submissions.tried > 1) evidence.push(`sbatch was called ${submissions.tried} times`);
  if (job?.adopted === true) evidence.push('the answer of sbatch was lost; the job was found under its name');
  if (!submissions.resubmit) evidence.push('the job was not held when autolab checked it: the site changed it');
  return evidence;
}

function written(ctx: RunContext): readonly string[] {
  const names = Array.from({ length: viewOf(ctx).submissions.tried }, (_, index) => answerFileName(ctx, 0, index + 1));
  return [
    ...names.filter((name) => exists(join(ctx.paths.logs, name))).map((name) => `${ctx.paths.relative}/logs/${name}`),
    LEDGER,
  ];
}
