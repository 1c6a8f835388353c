import { exists } from '../../platform/files.ts';
import { monotonicMs, now, sleep } from '../../platform/time.ts';
import { slurmLogs } from '../../records/paths.ts';
import type { ConfirmResult } from '../../records/step-results.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { startOf } from '../../run/run-start.ts';
import { never, type Step, type StepEnd } from '../../run/step.ts';
import { judgeStart } from '../../schedulers/judge-start.ts';
import type { Unfinished } from '../../schedulers/slurm/accounting-rows.ts';
import { type JobVerdict, judgeEnd } from '../../schedulers/slurm/judge.ts';
import { AMPLE, KEPT_FOR_THE_BOOKS, readsLeft } from '../../schedulers/slurm/polling.ts';
import { folderOfRun, refresh } from '../../sites/table.ts';
import { adviceFor } from './advice.ts';
import { askAccounting, type Books, type Ended } from './ask-accounting.ts';
import { askController, type Remembered } from './ask-controller.ts';
import { askMore, askTimeLimits } from './end-context.ts';
import { leaving } from './leaving.ts';
import { lostStart } from './lost-start.ts';
import { jobIdOf, orderOf } from './order.ts';
import { followOwner, type JobOwner } from './owner.ts';
import { otherCluster } from './same-cluster.ts';
import { cancelStrays } from './strays.ts';
import { endUnknown, vanishedJob } from './vanished.ts';
import { waitForEnd } from './wait-for-end.ts';

/**
 * How the job ended, by the scheduler's accounting (R15). Accounting may lag; if it is off or does not know the job,
 * the controller is asked while it still remembers; if neither can say, the run stays undetermined.
 */
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 120_000;
/** How long to wait for a step that accounting lacks: some sites do not record steps. */
const MISSING_STEP_MS = 15_000;
/** The run is closed only after a look for other copies of the job. */
const KEPT_FOR_STRAYS = 1;

export const confirm: Step = {
  name: 'confirm',
  skip: never,
  intent: (ctx) => ({ job_id: jobIdOf(ctx) }),
  run: confirmEnd,
  reconcile: confirmEnd,
};

async function confirmEnd(ctx: RunContext): Promise<StepEnd> {
  const strange = await otherCluster(ctx, 'confirm');
  if (strange !== null) return strange;
  const jobId = jobIdOf(ctx);
  const began = monotonicMs();
  const deadline = began + orderOf(ctx).confirm_timeout_seconds * 1000;
  const left = (): number => readsLeft(viewOf(ctx).reads, now());
  let remembered: Remembered | null = null;
  let asked = false;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(LONGEST_DELAY_MS, delay * 2)) {
    const books = await askAccounting(ctx, jobId);
    if (books.kind === 'ended' && !waitsFor(books.unfinished, began, deadline))
      return await judge(ctx, books.end, remembered);
    if (books.kind === 'not_yet') {
      // Either accounting lags, or the queue's answer was wrong: ask it again, repeatedly if that costs nothing.
      if (left() > (asked ? AMPLE : KEPT_FOR_THE_BOOKS - 1)) {
        asked = true;
        const waited = await waitForEnd(ctx, 'confirm');
        if (waited.kind === 'paused') return waited.end;
      }
    } else if (books.kind !== 'ended') remembered ??= await askController(ctx, jobId);
    // Accounting comes first while its rows may still arrive; the controller forgets, so it was asked at once.
    const over = books.kind === 'off' || monotonicMs() > deadline;
    if (over && books.kind === 'ended') return await judge(ctx, books.end, remembered);
    if (over && remembered?.kind === 'ended') return await judge(ctx, remembered.end, remembered);
    const vanished = await vanishedJob(ctx, { books, controller: remembered, over });
    if (vanished !== null) return vanished;
    if (over) return undetermined(jobId, books, remembered);
    const end = leaving(ctx, `The end of job ${jobId} is not confirmed yet.`);
    if (end !== null) return end;
    // If few questions are left, the last ones are asked when the time is over.
    const spared = left() > KEPT_FOR_THE_BOOKS ? 0 : deadline - monotonicMs();
    const untilLeaving = ctx.deadlineMs === null ? Infinity : Math.max(0, ctx.deadlineMs - monotonicMs()) + 1;
    await sleep(Math.min(Math.max(delay, spared), untilLeaving), ctx.control.signal);
    if (remembered?.kind !== 'ended' && left() > KEPT_FOR_STRAYS) remembered = null;
  }
}

/** Waits for rows that lag: they may say that a task failed, or what was used. */
function waitsFor(unfinished: Unfinished | null, began: number, deadline: number): boolean {
  if (unfinished === null) return false;
  return monotonicMs() < (unfinished.missing ? Math.min(deadline, began + MISSING_STEP_MS) : deadline);
}

function undetermined(jobId: string, books: Books, remembered: Remembered | null): StepEnd {
  return {
    kind: 'paused',
    code: 'slurm.undetermined',
    message: `Job ${jobId} has left the queue, and how it ended is unknown. sacct: ${books.words}. scontrol: ${remembered?.words ?? 'not asked'}.`,
    ...(books.kind === 'off' ? { hint: withoutBooks(remembered?.kind ?? 'no_answer', jobId) } : {}),
  };
}

/** Without accounting only the controller can say how the job ended, until it forgets the job. */
function withoutBooks(controller: Remembered['kind'], jobId: string): string {
  const first =
    controller === 'forgotten'
      ? 'the controller has forgotten the job, so another call cannot help'
      : `run the command again when \`scontrol show job ${jobId}\` answers`;
  return `Accounting is off here; ${first}. Or look at the outputs and logs in the run folder, and abandon the run with \`autolab cancel --force --by WHO --note WHY\`: it is recorded as abandoned, never as completed, its files stay, and the next launch is a new run.`;
}

async function judge(ctx: RunContext, end: Ended, remembered: Remembered | null): Promise<StepEnd> {
  const jobId = jobIdOf(ctx);
  const lost = await refresh(ctx);
  if (lost !== null)
    return {
      kind: 'paused',
      code: 'remote.lost',
      message: `Job ${jobId} has ended, and the launch host does not answer (${lost.words}).`,
    };
  const view = viewOf(ctx);
  const logs = slurmLogs(ctx.paths, jobId);
  const mayAsk = readsLeft(view.reads, now()) > KEPT_FOR_STRAYS;
  const { facts, context, writes: more } = await askMore(ctx, end.facts, remembered, mayAsk);
  const { receipt } = context;
  const start = startOf(ctx, {
    job_id: jobId,
    restart_count: receipt?.job_id === jobId ? receipt.restart_count : null,
  });
  const judged = hopelessOr(view.hopeless, judgeEnd(facts, context));
  const told = start === null ? judged : judgeStart(judged, { ...start, kind: 'slurm' });
  // A copy that did not run to its own end says nothing about the run if another one has claimed it.
  if (told.code !== null && receipt?.job_id !== jobId) {
    const owner = await followOwner(ctx, 'confirm');
    if (owner.kind === 'followed') return await confirmOwner(ctx);
    if (owner.kind === 'not_known' && told.code === 'slurm.not_owner') return ownerUnknown(jobId, owner);
  }
  const other = told.code === null ? null : await lostStart(ctx, facts);
  if (other?.kind === 'paused') return other.end;
  const verdict = other === null ? told : unknownEnd(ctx, other.evidence, told);
  const strays = await cancelStrays(ctx);
  const followed = view.job?.followed ?? [];
  const evidence = [...followed, ...end.result.evidence, ...verdict.evidence, ...strays];
  const starts = start?.sign.kind === 'begun' ? start.sign.starts : null;
  const result: ConfirmResult = { ...end.result, evidence, ...(starts === null ? {} : { starts }) };
  const writes = [
    ...end.writes,
    ...more,
    ...[logs.stdout, logs.stderr]
      .filter(exists)
      .map((path) => `${ctx.paths.relative}/logs/${path.slice(ctx.paths.logs.length + 1)}`),
  ];
  if (verdict.code === null) return { kind: 'done', message: verdict.message, writes, result };
  const limits = verdict.code === 'slurm.timeout' && mayAsk ? await askTimeLimits(ctx) : [];
  return {
    kind: 'failed',
    code: verdict.code,
    message: verdict.message,
    retryable: false,
    recommendations: adviceFor(
      view,
      verdict.code,
      facts,
      await folderOfRun(ctx).tailOfLog(logs.stdout, 16_384),
      limits,
    ),
    writes,
    result,
  };
}

/** The record is about another start than the one that ran. */
function unknownEnd(ctx: RunContext, evidence: readonly string[], told: JobVerdict): JobVerdict {
  const code = 'slurm.end_unknown';
  return { code, message: endUnknown(ctx, evidence), evidence: [...evidence, ...told.evidence] };
}

async function confirmOwner(ctx: RunContext): Promise<StepEnd> {
  const waited = await waitForEnd(ctx, 'confirm');
  return waited.kind === 'paused' ? waited.end : confirmEnd(ctx);
}

function ownerUnknown(jobId: string, owner: Extract<JobOwner, { kind: 'not_known' }>): StepEnd {
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
