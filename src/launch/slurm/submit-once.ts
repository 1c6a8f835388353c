import { CLAIM_FILE, parseJobClaim } from '../../schedulers/slurm/receipt.ts';
import { crashPoint } from '../../platform/crash-points.ts';
import { localTransport } from '../../transports/local.ts';
import { judgeSubmission } from '../../schedulers/slurm/parse-sbatch.ts';
import { submitEnvironment } from '../../schedulers/slurm/environment.ts';
import type { Advice } from '../../schedulers/slurm/refusals.ts';
import { readReceipt } from '../run-owner.ts';
import { viewOf, type RunContext } from '../context.ts';
import { takeTombstone } from '../local-supervisor.ts';
import type { StepEnd } from '../steps/step.ts';
import { refusalAdvice } from './advice.ts';
import { orderOf } from './order.ts';
import { keepAnswer } from './scheduler.ts';

/** One call of `sbatch`: written down before it is made, and its answer judged by what is certain. */

/** sbatch itself tries for minutes where the controller is busy. */
const TIMEOUT_MS = 300_000;
/** Of one driver: whoever calls again later has as many. */
const MOST_TRIES = 5;

/** null: look whether there is a job now. `earlier`: how often drivers before this one called sbatch. */
export async function submitOnce(ctx: RunContext, earlier: number): Promise<StepEnd | null> {
  const { submissions, opened } = viewOf(ctx);
  const { argv, hold, requeue } = orderOf(ctx);
  if (submissions.doubtful !== null) return refused(ctx, submissions.doubtful, null);
  const refusal = mayNotSubmit(ctx, hold, earlier);
  if (refusal !== null) return refusal;
  const attempt = submissions.tried + 1;
  ctx.journal.append('submit', 'submit.tried', { attempt });
  ctx.lease.assertHeld();
  const result = await localTransport(ctx.root).run(argv, {
    timeoutMs: TIMEOUT_MS,
    env: submitEnvironment(process.env, {
      AUTOLAB_RUN_ID: opened.run_id,
      AUTOLAB_ITERATION_ID: opened.iteration_id,
      AUTOLAB_RUN_DIR: ctx.paths.folder,
      AUTOLAB_REPO_ROOT: ctx.root,
      AUTOLAB_SCRATCH: opened.scratch,
      AUTOLAB_REQUEUE: requeue ? '1' : '0',
    }),
  });
  crashPoint('submit.answered');
  keepAnswer(ctx, `sbatch.${String(attempt)}.txt`, result);
  const answer = judgeSubmission(result);
  switch (answer.kind) {
    case 'accepted':
      ctx.journal.append('submit', 'job.submitted', { ...answer.job, adopted: false });
      ctx.emit({ type: 'note', message: `Submitted job ${answer.job.job_id}.` });
      return null;
    case 'refused':
      ctx.journal.append('submit', 'submit.settled', { refused: answer.words });
      return refused(ctx, answer.words, answer.advice);
    case 'not_run':
      ctx.journal.append('submit', 'submit.settled', { not_run: answer.words });
      return refused(ctx, `sbatch could not be started: ${answer.words}`, null);
    case 'unknown':
      if (answer.refusedIfNone) ctx.journal.append('submit', 'submit.doubtful', { words: answer.words });
      ctx.emit({
        type: 'note',
        message: `sbatch gave no clear answer (${answer.words}); looking for the job under its name.`,
      });
      return null;
  }
}

/** Where another copy could run beside the first one, none is submitted. */
function mayNotSubmit(ctx: RunContext, hold: boolean, earlier: number): StepEnd | null {
  const { tried, resubmit } = viewOf(ctx).submissions;
  if (tried === 0) return null;
  if (tried - earlier >= MOST_TRIES)
    return {
      kind: 'paused',
      code: 'slurm.unreachable',
      message: `sbatch was called ${String(tried)} times without a clear answer, and no job is in the queue.`,
    };
  if (hold && resubmit) return null;
  // The fence: with the claim taken, a copy that turns up after all cannot start the entrypoint.
  const owner = takeTombstone(ctx) ? null : parseJobClaim(readReceipt(ctx.paths, CLAIM_FILE));
  if (owner !== null)
    return {
      kind: 'paused',
      code: 'slurm.undetermined',
      message: `Job ${owner.job_id} has claimed the run at this moment.`,
      hint: 'Go on with it: autolab resume',
    };
  return {
    kind: 'failed',
    code: 'slurm.submit_lost',
    retryable: false,
    message: 'sbatch gave no clear answer and no job was found; a copy that turns up later will not run.',
  };
}

function refused(ctx: RunContext, words: string, advice: Advice | null): StepEnd {
  const { opened, submissions } = viewOf(ctx);
  return {
    kind: 'failed',
    code: 'slurm.refused',
    retryable: false,
    message: `The site refused the job: ${words}`,
    recommendations: refusalAdvice(opened, advice),
    writes: [`${ctx.paths.relative}/logs/sbatch.${String(submissions.tried)}.txt`],
  };
}
