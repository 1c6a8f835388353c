import { codeRootOf } from '../../code/snapshot/places.ts';
import { tasksOf } from '../../launch-scripts/starter.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import type { ProcessResult } from '../../platform/process.ts';
import { runPaths } from '../../records/paths.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepEnd } from '../../run/step.ts';
import { submitEnvironment } from '../../schedulers/slurm/environment.ts';
import { judgeSubmission } from '../../schedulers/slurm/parse-sbatch.ts';
import type { Advice } from '../../schedulers/slurm/refusals.ts';
import { siteOfRun } from '../../sites/site.ts';
import { submitterOf } from '../../sites/table.ts';
import { refusalAdvice, refusalHint } from './advice.ts';
import { answerFileName, callName } from './call-name.ts';
import { takeClaim } from './fence.ts';
import { jobClaimIn } from './job-receipts.ts';
import { leaving } from './leaving.ts';
import { chunkOf, hasOthers, ofChunk, orderOf } from './order.ts';
import { keepAnswer } from './scheduler.ts';
import { keepShown, showSubmitted } from './shown-job.ts';
import { argvOf, chunkVariables } from './tasks/chunk-order.ts';

/** One call of `sbatch`: written down before it is made, and its answer judged by what is certain. */

/** Per driver: the next driver has as many. */
const MOST_TRIES = 5;
/** Of a job beside others of its run, before the driver goes back to those. */
const FEW_TRIES = 2;

/** What one driver knows beside the journal. */
export interface Tries {
  /** Of which job. */
  readonly chunk: number;
  /** How often drivers before this one called sbatch. */
  readonly earlier: number;
  /** sbatch reported success without a job id: what it did, in words. */
  lost: string | null;
}

/** Call it when no job was found. Returns null if the queue is to be searched for a job now. */
export async function submitOnce(ctx: RunContext, tries: Tries): Promise<StepEnd | null> {
  const { chunk } = tries;
  const { submissions } = chunkOf(ctx, chunk);
  const { hold } = orderOf(ctx);
  const argv = argvOf(ctx, chunk);
  if (submissions.doubtful !== null)
    return (await fenceUnlessOthers(ctx, chunk)) ?? failedWithoutJob(ctx, chunk, submissions.doubtful);
  if (tries.lost !== null) return (await fenceUnlessOthers(ctx, chunk)) ?? lostWithoutId(ctx, chunk, tries.lost);
  const refusal = await mayNotSubmit(ctx, hold, tries);
  if (refusal !== null) return refusal;
  if (ctx.control.detach)
    return leaving(ctx, hasOthers(ctx, chunk) ? 'The other tasks are in the queue.' : 'Nothing is in the queue.');
  const attempt = submissions.tried + 1;
  ctx.journal.append('submit', 'submit.tried', { attempt, ...ofChunk(ctx, chunk) });
  ctx.lease.assertHeld();
  const environment = submitEnvironment({ ...jobVariables(ctx), ...chunkVariables(ctx, chunk) });
  // Read once: after it has fired, the next wait has another one.
  const { signal } = ctx.control;
  const called = await submitterOf(ctx).call({
    name: callName(ctx, chunk, attempt),
    ...{ argv, environment, signal },
    then: hold ? (answer) => showSubmitted(ctx, answer) : null,
  });
  const { result } = called;
  keepShown(ctx, called.then);
  crashPoint('submit.answered');
  if (result.lost?.began === false) {
    ctx.journal.append('submit', 'submit.settled', { not_run: result.lost.words, ...ofChunk(ctx, chunk) });
    return {
      kind: 'paused',
      code: 'remote.lost',
      message: `${siteOfRun(ctx).transport.name} cannot be reached (${result.lost.words}). Nothing was submitted.`,
    };
  }
  return settleAnswer(ctx, { attempt, result, tries, stopped: signal.aborted });
}

/** What every job of the run finds in its environment. */
function jobVariables(ctx: RunContext): Readonly<Record<string, string>> {
  const { opened } = viewOf(ctx);
  const { root } = siteOfRun(ctx);
  return {
    ...opened.environment_set,
    AUTOLAB_RUN_ID: opened.run_id,
    AUTOLAB_ITERATION_ID: opened.iteration_id,
    AUTOLAB_RUN_DIR: runPaths(root, opened.iteration_id, opened.run_id).folder,
    AUTOLAB_REPO_ROOT: codeRootOf(root, opened),
    AUTOLAB_SCRATCH: opened.scratch,
    AUTOLAB_REQUEUE: orderOf(ctx).requeue ? '1' : '0',
    AUTOLAB_TASKS: String(tasksOf(opened.resource_request)),
  };
}

/** Journals what an answer of sbatch means. Returns null if the queue is to be searched for a job now. */
export function settleAnswer(
  ctx: RunContext,
  {
    attempt,
    result,
    tries,
    stopped = false,
  }: {
    readonly attempt: number;
    readonly result: ProcessResult;
    readonly tries: Tries;
    /** The user asked to leave while sbatch was at work. */
    readonly stopped?: boolean;
  },
): StepEnd | null {
  const { chunk } = tries;
  keepAnswer(ctx, answerFileName(ctx, chunk, attempt), result);
  const answer = judgeSubmission(result);
  switch (answer.kind) {
    case 'accepted':
      ctx.journal.append('submit', 'job.submitted', { ...answer.job, adopted: false, ...ofChunk(ctx, chunk) });
      ctx.emit({ type: 'note', message: `Submitted job ${answer.job.job_id}.` });
      return null;
    case 'refused':
      ctx.journal.append('submit', 'submit.settled', { refused: answer.words, ...ofChunk(ctx, chunk) });
      return refused(ctx, chunk, answer.words, answer.advice);
    case 'not_run':
      ctx.journal.append('submit', 'submit.settled', { not_run: answer.words, ...ofChunk(ctx, chunk) });
      return {
        kind: 'failed',
        code: 'slurm.not_run',
        retryable: false,
        message: `sbatch could not be started: ${answer.words}.`,
        writes: [answerFile(ctx, chunk)],
      };
    case 'unknown':
      if (stopped) return interrupted(ctx, chunk, answer.words);
      if (answer.ifNone === 'lost') tries.lost = answer.words;
      if (answer.ifNone === 'refused')
        ctx.journal.append('submit', 'submit.doubtful', { words: answer.words, ...ofChunk(ctx, chunk) });
      ctx.emit({
        type: 'note',
        message: `sbatch gave no clear answer (${answer.words}); looking for the job under its name.`,
      });
      return null;
  }
}

/** The user does not wait for a hanging sbatch: it was ended, and the queue will show whether it got through. */
function interrupted(ctx: RunContext, chunk: number, words: string): StepEnd | null {
  ctx.journal.append('submit', 'submit.interrupted', { words, ...ofChunk(ctx, chunk) });
  return leaving(ctx, 'sbatch was ended before it answered; whether the job was submitted is still unknown.');
}

/** If another copy could run beside the first one, none is submitted. */
async function mayNotSubmit(ctx: RunContext, hold: boolean, { chunk, earlier }: Tries): Promise<StepEnd | null> {
  const { tried, resubmit } = chunkOf(ctx, chunk).submissions;
  if (tried === 0) return null;
  if (tried - earlier >= (hasOthers(ctx, chunk) ? FEW_TRIES : MOST_TRIES))
    return {
      kind: 'paused',
      code: 'slurm.unreachable',
      message: `sbatch was called ${tried} times without a clear answer, and no job is in the queue.`,
    };
  if ((hold && resubmit) || isFencedByTask(ctx, chunk)) return null;
  return (
    (await fenceUnlessOthers(ctx, chunk)) ?? {
      kind: 'failed',
      code: 'slurm.submit_lost',
      retryable: false,
      message: `sbatch gave no clear answer and no job was found; ${LATE_COPY}.`,
    }
  );
}

/**
 * Whether a second copy of the array could do no harm: each task has its own claim, so it begins in one of them. The copies
 * are found by name, so this does not hold at a site that renames jobs.
 */
function isFencedByTask(ctx: RunContext, chunk: number): boolean {
  const { opened, chunks } = viewOf(ctx);
  const isRenamed = chunks.some(({ submissions }) => submissions.renamed !== null);
  return opened.tasks !== undefined && hasOthers(ctx, chunk) && !isRenamed;
}

/** Other jobs of the run may still start tasks: each of those has a fence of its own. */
async function fenceUnlessOthers(ctx: RunContext, chunk: number): Promise<StepEnd | null> {
  return hasOthers(ctx, chunk) ? null : fenceOff(ctx);
}

export const LATE_COPY = 'a copy that turns up later will not run';

/** Takes the claim, so that a copy that turns up late cannot start the entrypoint. Returns null if it is taken. */
export async function fenceOff(ctx: RunContext): Promise<StepEnd | null> {
  const taken = await takeClaim(ctx);
  if (taken === 'unknown')
    return {
      kind: 'paused',
      code: 'remote.lost',
      message: 'The launch host does not answer. Whether the job was submitted is still unknown.',
    };
  const owner = taken === 'mine' ? null : jobClaimIn(ctx.paths);
  if (owner === null) return null;
  return {
    kind: 'paused',
    code: 'slurm.undetermined',
    message: `Job ${owner.job_id} has just claimed the run.`,
    hint: 'Resume it: autolab resume',
  };
}

function refused(ctx: RunContext, chunk: number, words: string, advice: Advice | null): StepEnd {
  return {
    kind: 'failed',
    code: 'slurm.refused',
    retryable: false,
    message: `The site refused the job: ${words}`,
    ...refusalHint(advice),
    recommendations: refusalAdvice(viewOf(ctx).opened, advice),
    writes: [answerFile(ctx, chunk)],
  };
}

/** sbatch failed with an unknown message; the queue says that it made no job. */
function failedWithoutJob(ctx: RunContext, chunk: number, words: string): StepEnd {
  return {
    kind: 'failed',
    code: 'slurm.refused',
    retryable: false,
    message: `sbatch failed (${words}), and no job was found; ${LATE_COPY}.`,
    writes: [answerFile(ctx, chunk)],
  };
}

function lostWithoutId(ctx: RunContext, chunk: number, words: string): StepEnd {
  const file = answerFile(ctx, chunk);
  return {
    kind: 'failed',
    code: 'slurm.submit_lost',
    retryable: false,
    message: `${words}, and no job was found; ${LATE_COPY}.`,
    hint: `See what sbatch printed: ${file}. If sbatch is a wrapper on this site, it must print the job id. Launch again for a new run.`,
    writes: [file],
  };
}

/** The last call's. */
function answerFile(ctx: RunContext, chunk: number): string {
  return `${ctx.paths.relative}/logs/${answerFileName(ctx, chunk, chunkOf(ctx, chunk).submissions.tried)}`;
}
