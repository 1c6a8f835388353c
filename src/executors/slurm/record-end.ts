import { exists } from '../../platform/files.ts';
import { now } from '../../platform/time.ts';
import { type RunPaths, slurmLogs } from '../../records/paths.ts';
import type { RunView } from '../../records/run-view.ts';
import type { ConfirmResult } from '../../records/step-results.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { startOf } from '../../run/run-start.ts';
import type { StepEnd, StepPaused } from '../../run/step.ts';
import { hintOnChanged } from '../../schedulers/code-changed.ts';
import { judgeStart } from '../../schedulers/judge-start.ts';
import type { JobEnd } from '../../schedulers/slurm/job-end.ts';
import { type JobVerdict, judgeEnd } from '../../schedulers/slurm/judge.ts';
import { KEPT_FOR_STRAYS, readsLeft } from '../../schedulers/slurm/polling.ts';
import { folderOfRun, refresh } from '../../sites/table.ts';
import { adviceFor, NO_LIMITS } from './advice.ts';
import type { Ended } from './ask-accounting.ts';
import type { Remembered } from './ask-controller.ts';
import { askMore, askTimeLimits } from './end-context.ts';
import { lostStart } from './lost-start.ts';
import { jobIdOf } from './order.ts';
import { followOwner, type JobOwner } from './owner.ts';
import { cancelStrays, type Strays } from './strays.ts';
import { endUnknown } from './vanished.ts';

/** From the scheduler's word on the end of the job to what is recorded of it. */

/** How much of the log the advice depends on. */
const ADVISING_BYTES = 16_384;

/** The facts of an end, and what they mean. */
interface JudgedEnd {
  readonly view: RunView;
  readonly facts: JobEnd;
  readonly verdict: JobVerdict;
  /** Whose end the receipt in the run's folder is. */
  readonly receiptOf: string | null;
  readonly start: ReturnType<typeof startOf>;
  readonly writes: readonly string[];
  /** Enough questions are left for this hour. */
  readonly mayAsk: boolean;
  /** The files that the job found changed; null if the code was as approved. */
  readonly codeChanged: readonly string[] | null;
}

/** What was found out together with the end. */
export interface Fresh {
  /** The receipts were fetched after it. */
  readonly hasNews: boolean;
  /** Null if that was not asked, or not answered. */
  readonly strays: Strays | null;
}

export const STALE: Fresh = { hasNews: false, strays: null };

/** `followed`: the end says nothing about the run, whose owner is another copy of the job. */
export async function recordEnd(
  ctx: RunContext,
  end: Ended,
  remembered: Remembered | null,
  { hasNews, strays }: Fresh,
): Promise<StepEnd | { readonly kind: 'followed' }> {
  const lost = hasNews ? null : await refresh(ctx);
  if (lost !== null)
    return {
      kind: 'paused',
      code: 'remote.lost',
      message: `Job ${jobIdOf(ctx)} has ended, and the launch host does not answer (${lost.words}).`,
    };
  const judged = await judge(ctx, end, remembered);
  if (judged.verdict.code === null) return compose(ctx, end, judged, strays);
  const other = await ofAnotherCopy(ctx, judged);
  if (other !== null) return other;
  const first = await lostStart(ctx, judged.facts);
  if (first === null) return compose(ctx, end, judged);
  if (first.kind === 'paused') return first.end;
  return compose(ctx, end, { ...judged, verdict: unknownEnd(ctx, first.evidence, judged.verdict) });
}

async function judge(ctx: RunContext, end: Ended, remembered: Remembered | null): Promise<JudgedEnd> {
  const jobId = jobIdOf(ctx);
  const view = viewOf(ctx);
  const mayAsk = readsLeft(view.reads, now()) > KEPT_FOR_STRAYS;
  const { facts, context, writes } = await askMore(ctx, end.facts, remembered, mayAsk);
  const { receipt } = context;
  const restarts = receipt?.job_id === jobId ? receipt.restart_count : null;
  const start = startOf(ctx, { job_id: jobId, restart_count: restarts });
  const judged = hopelessOr(view.hopeless, judgeEnd(facts, context));
  const verdict = start === null ? judged : judgeStart(judged, { ...start, kind: 'slurm' });
  return {
    view,
    facts,
    verdict,
    receiptOf: receipt?.job_id ?? null,
    start,
    writes,
    mayAsk,
    codeChanged: context.codeChanged,
  };
}

/** A copy that did not run to its own end says nothing about the run if another one has claimed it. */
async function ofAnotherCopy(
  ctx: RunContext,
  { verdict, receiptOf }: JudgedEnd,
): Promise<StepPaused | { readonly kind: 'followed' } | null> {
  const jobId = jobIdOf(ctx);
  if (receiptOf === jobId) return null;
  const owner = await followOwner(ctx, 'confirm');
  if (owner.kind === 'followed') return { kind: 'followed' };
  return owner.kind === 'not_known' && verdict.code === 'slurm.not_owner' ? ownerUnknown(jobId, owner) : null;
}

async function compose(ctx: RunContext, end: Ended, judged: JudgedEnd, strays: Strays | null = null): Promise<StepEnd> {
  const { view, facts, verdict, start, mayAsk } = judged;
  const cancelled = await cancelStrays(ctx, strays);
  const evidence = [...(view.job?.followed ?? []), ...end.result.evidence, ...verdict.evidence, ...cancelled];
  const starts = start?.sign.kind === 'begun' ? start.sign.starts : null;
  const result: ConfirmResult = { ...end.result, evidence, ...(starts === null ? {} : { starts }) };
  const logs = slurmLogs(ctx.paths, jobIdOf(ctx));
  const writes = [...end.writes, ...judged.writes, ...written(ctx.paths, [logs.stdout, logs.stderr])];
  if (verdict.code === null) return { kind: 'done', message: verdict.message, writes, result };
  const limits = verdict.code === 'slurm.timeout' && mayAsk ? await askTimeLimits(ctx) : NO_LIMITS;
  const tail = await folderOfRun(ctx).tailOfLog(logs.stdout, ADVISING_BYTES);
  return {
    kind: 'failed',
    code: verdict.code,
    message: verdict.message,
    ...(verdict.code === 'slurm.code_changed'
      ? hintOnChanged(judged.codeChanged, view.opened.snapshot !== undefined)
      : {}),
    retryable: false,
    recommendations: adviceFor(view, verdict.code, facts, tail, limits),
    writes,
    result,
  };
}

function written(paths: RunPaths, logs: readonly string[]): readonly string[] {
  return logs.filter(exists).map((path) => `${paths.relative}/logs/${path.slice(paths.logs.length + 1)}`);
}

/** The record is about another start than the one that ran. */
function unknownEnd(ctx: RunContext, evidence: readonly string[], told: JobVerdict): JobVerdict {
  const code = 'slurm.end_unknown';
  return { code, message: endUnknown(ctx, evidence), evidence: [...evidence, ...told.evidence] };
}

function ownerUnknown(jobId: string, owner: Extract<JobOwner, { kind: 'not_known' }>): StepPaused {
  return {
    kind: 'paused',
    code: 'slurm.undetermined',
    message: `Job ${jobId} could not run because job ${owner.jobId} had claimed the run, and that job is unknown (${owner.words}).`,
  };
}

/** A job that could never start was removed from the queue: the design asks for what the site refuses. */
function hopelessOr(reason: string | null, verdict: JobVerdict): JobVerdict {
  if (reason === null || verdict.code !== 'slurm.cancelled') return verdict;
  return { ...verdict, code: 'slurm.refused', message: `The job can never start on this cluster: ${reason}.` };
}
