import { join } from 'node:path';
import { crashPoint } from '../../platform/crash-points.ts';
import { exists, makeFolder, realPathOr } from '../../platform/files.ts';
import { inodeOf } from '../../platform/inode.ts';
import { checkManifestForLedger } from '../../records/ledger.ts';
import { appendToLedger } from '../../records/ledger-file.ts';
import { LEDGER, runPaths } from '../../records/paths.ts';
import { projectManifest } from '../../records/projection.ts';
import type { SubmitResult } from '../../records/step-results.ts';
import { cancelRequest, noteCancel } from '../../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../../run/context.ts';
import { never, type Step, type StepEnd } from '../../run/step.ts';
import { submitterOf } from '../../sites/table.ts';
import { answerFileName, callName } from './call-name.ts';
import { jobUnderOurName } from './look-up.ts';
import { orderOf } from './order.ts';
import { askedEnough, holdCheck, releaseJob } from './release.ts';
import { noSuchCluster, otherCluster } from './same-cluster.ts';
import { fenceOff, LATE_COPY, settleAnswer, submitOnce, type Tries } from './submit-once.ts';

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
  const tries: Tries = { chunk: 0, earlier: viewOf(ctx).submissions.tried, lost: null };
  const enough = cancelRequest(ctx) === null ? askedEnough(ctx) : null;
  if (enough !== null) return enough;
  const unknown = await noSuchCluster(ctx);
  if (unknown !== null) return unknown;
  const strange = await otherCluster(ctx, 'submit');
  if (strange !== null) return strange;
  while (viewOf(ctx).job === null) {
    const by = cancelRequest(ctx);
    if (by !== null) noteCancel(ctx, 'submit', by);
    const known = await answerFromReceipt(ctx, tries);
    if (known !== null) return known;
    if (viewOf(ctx).job !== null) break;
    const look = await jobUnderOurName(ctx);
    if (look.kind === 'paused') return look.end;
    if (look.kind === 'found') {
      ctx.journal.append('submit', 'job.submitted', {
        job_id: look.jobId,
        cluster: viewOf(ctx).opened.resource_request.cluster ?? null,
        adopted: true,
      });
      ctx.emit({
        type: 'note',
        message: `The job ${look.jobId} is in the queue under the name of this run; continuing with it.`,
      });
      break;
    }
    if (by !== null) return cancelledBefore(ctx);
    const end = await submitOnce(ctx, tries);
    if (end !== null) return end;
  }
  crashPoint('submit.recorded');
  return settle(ctx);
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

/** The answer may be in a receipt on the submitting host, in case the connection broke before it arrived. */
async function answerFromReceipt(ctx: RunContext, tries: Tries): Promise<StepEnd | null> {
  const { unanswered, tried } = viewOf(ctx).submissions;
  const kept = unanswered ? await submitterOf(ctx).keptAnswer(callName(ctx, tries.chunk, tried), 'sbatch') : null;
  return kept === null ? null : settleAnswer(ctx, { attempt: tried, result: kept, tries });
}

/** If sbatch was called, its job may still arrive: it must find the run taken. */
async function cancelledBefore(ctx: RunContext): Promise<StepEnd> {
  const called = viewOf(ctx).submissions.tried > 0;
  const end = called ? await fenceOff(ctx) : null;
  if (end !== null) return end;
  return {
    kind: 'failed',
    code: 'run.cancelled',
    retryable: false,
    message: called
      ? `The run was cancelled; no job was found, and ${LATE_COPY}.`
      : 'The run was cancelled before a job was submitted.',
    writes: written(ctx),
  };
}

/** The id is known: manifest, ledger, and only then may the job start. */
async function settle(ctx: RunContext): Promise<StepEnd> {
  writeManifest(ctx);
  const listed = await enterLedger(ctx);
  if (listed !== null) return listed;
  crashPoint('submit.listed');
  const view = viewOf(ctx);
  const jobId = view.job?.job_id ?? '';
  const by = cancelRequest(ctx);
  if (by !== null) noteCancel(ctx, 'submit', by);
  else if (view.job?.released !== true) {
    const held = await holdCheck(ctx, jobId);
    if (held.kind === 'paused') return held.end;
    const released = held.release ? await releaseJob(ctx, jobId) : null;
    if (released !== null) return released;
  }
  const result: SubmitResult = { job_id: jobId, evidence: evidenceOf(ctx) };
  return { kind: 'done', message: `job ${jobId}`, writes: written(ctx), result };
}

/** One line in docs/slurm_job_list.md, right after the submission (R24). */
async function enterLedger(ctx: RunContext): Promise<StepEnd | null> {
  const row = checkManifestForLedger(projectManifest(viewOf(ctx)));
  if (row.ok && row.value === null) throw new Error('a Slurm run without a line for the ledger');
  ctx.lease.assertHeld();
  if (row.ok && row.value !== null) makeFolder(join(ctx.root, 'docs'));
  const appended = row.ok && row.value !== null ? await appendToLedger(join(ctx.root, LEDGER), row.value) : row;
  if (appended.ok) return null;
  return {
    kind: 'failed',
    code: appended.failure.code,
    retryable: true,
    message: `${appended.failure.message} The job waits in the queue, held.`,
    writes: written(ctx),
  };
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
