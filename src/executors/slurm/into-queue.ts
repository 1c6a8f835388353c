import { crashPoint } from '../../platform/crash-points.ts';
import { cancelRequest, noteCancel } from '../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepEnd } from '../../run/step.ts';
import { submitterOf } from '../../sites/table.ts';
import { callName } from './call-name.ts';
import { jobUnderOurName } from './look-up.ts';
import { chunkOf, ofChunk } from './order.ts';
import type { WithNews } from './scheduler.ts';
import { fenceOff, LATE_COPY, settleAnswer, submitOnce, type Tries } from './submit-once.ts';

/** From the decision to submit a job to the line in the journal that has its id. Returns null once that is written. */
export async function bringIntoQueue(
  ctx: RunContext,
  chunk: number,
  early: WithNews | null = null,
): Promise<StepEnd | null> {
  const tries: Tries = { chunk, earlier: chunkOf(ctx, chunk).submissions.tried, lost: null };
  while (chunkOf(ctx, chunk).job === null) {
    const by = cancelRequest(ctx);
    if (by !== null) noteCancel(ctx, 'submit', by);
    const known = await answerFromReceipt(ctx, tries);
    if (known !== null) return known;
    if (chunkOf(ctx, chunk).job !== null) break;
    const look = await jobUnderOurName(ctx, chunk, early);
    if (look.kind === 'paused') return look.end;
    if (look.kind === 'found') {
      ctx.journal.append('submit', 'job.submitted', {
        job_id: look.jobId,
        cluster: viewOf(ctx).opened.resource_request.cluster ?? null,
        adopted: true,
        ...ofChunk(ctx, chunk),
      });
      ctx.emit({
        type: 'note',
        message: `The job ${look.jobId} is in the queue under the name of this run; continuing with it.`,
      });
      break;
    }
    if (by !== null) return cancelledBefore(ctx, chunk);
    const end = await submitOnce(ctx, tries);
    if (end !== null) return end;
  }
  crashPoint('submit.recorded');
  return null;
}

/** The answer may be in a receipt on the submitting host, in case the connection broke before it arrived. */
async function answerFromReceipt(ctx: RunContext, tries: Tries): Promise<StepEnd | null> {
  const { unanswered, tried } = chunkOf(ctx, tries.chunk).submissions;
  const kept = unanswered ? await submitterOf(ctx).keptAnswer(callName(ctx, tries.chunk, tried), 'sbatch') : null;
  return kept === null ? null : settleAnswer(ctx, { attempt: tried, result: kept, tries });
}

/** If sbatch was called, its job may still arrive: it must find the run taken. */
async function cancelledBefore(ctx: RunContext, chunk: number): Promise<StepEnd> {
  const called = chunkOf(ctx, chunk).submissions.tried > 0;
  const end = called ? await fenceOff(ctx) : null;
  if (end !== null) return end;
  return {
    kind: 'failed',
    code: 'run.cancelled',
    retryable: false,
    message: called
      ? `The run was cancelled; no job was found, and ${LATE_COPY}.`
      : 'The run was cancelled before a job was submitted.',
  };
}
