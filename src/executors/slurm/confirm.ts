import { type GrowingDelay, growingDelay, grown } from '../../platform/growing-delay.ts';
import { monotonicMs, now, sleep } from '../../platform/time.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { never, type Step, type StepEnd } from '../../run/step.ts';
import { accountingArgv } from '../../schedulers/slurm/accounting.ts';
import type { Unfinished } from '../../schedulers/slurm/accounting-rows.ts';
import { copiesArgv } from '../../schedulers/slurm/lookup.ts';
import { AMPLE, KEPT_FOR_STRAYS, KEPT_FOR_THE_BOOKS, readsLeft } from '../../schedulers/slurm/polling.ts';
import { showJobArgv } from '../../schedulers/slurm/scontrol.ts';
import { type Books, booksOf, type Ended } from './ask-accounting.ts';
import { askController, type Remembered, rememberedIn } from './ask-controller.ts';
import { jobExitIn } from './job-receipts.ts';
import { leaving, msUntilLeaving } from './leaving.ts';
import { jobIdOf, orderOf } from './order.ts';
import { type Fresh, recordEnd, STALE } from './record-end.ts';
import { otherCluster } from './same-cluster.ts';
import { askWithNews } from './scheduler.ts';
import { type Strays, straysIn } from './strays.ts';
import { confirmTasks } from './tasks/confirm-tasks.ts';
import { vanishedJob } from './vanished.ts';
import { waitForEnd } from './wait-for-end.ts';

/**
 * How the job ended, by the scheduler's accounting (R15). Accounting may lag; if it is off or does not know the job,
 * the controller is asked while it still remembers; if neither can say, the run stays undetermined.
 */
const FIRST_DELAY = growingDelay(1_000, 120_000);
/** How long to wait for a step that accounting lacks: some sites do not record steps. */
const MISSING_STEP_MS = 15_000;

export const confirm: Step = {
  name: 'confirm',
  skip: never,
  intent: (ctx) => ({ job_id: jobIdOf(ctx) }),
  run: confirmRun,
  reconcile: confirmRun,
};

function confirmRun(ctx: RunContext): Promise<StepEnd> {
  return viewOf(ctx).opened.tasks === undefined ? confirmEnd(ctx) : confirmTasks(ctx);
}

/** One driver that looks for the end of the job. */
interface Search {
  readonly ctx: RunContext;
  readonly jobId: string;
  readonly beganMs: number;
  readonly deadlineMs: number;
}

/** What it has learnt so far. */
interface Learnt {
  readonly controller: Remembered | null;
  /** The queue was asked again, because accounting did not know the end. */
  readonly askedQueue: boolean;
}

async function confirmEnd(ctx: RunContext): Promise<StepEnd> {
  const strange = await otherCluster(ctx, 'confirm');
  if (strange !== null) return strange;
  const beganMs = monotonicMs();
  const deadlineMs = beganMs + orderOf(ctx).confirm_timeout_seconds * 1000;
  let search: Search = { ctx, jobId: jobIdOf(ctx), beganMs, deadlineMs };
  let learnt: Learnt = { controller: null, askedQueue: false };
  for (let delay = FIRST_DELAY, isFirst = true; ; delay = grown(delay), isFirst = false) {
    const { books, controller, strays } = await askEnd(ctx, search.jobId, isFirst);
    // Where accounting says that the job runs, the controller does not overrule it.
    if (books.kind !== 'not_yet') learnt = { ...learnt, controller: controller ?? learnt.controller };
    const clear = books.kind === 'ended' && !waitsFor(search, books.unfinished);
    if (clear) return await record(ctx, books.end, learnt, { hasNews: true, strays });
    const asked = await askOthers(search, books, learnt);
    if ('kind' in asked) return asked;
    learnt = asked.learnt;
    search = later(search, asked.waitedMs);
    const end = await endKnown(search, books, learnt);
    if (end !== null) return end;
    await pause(search, delay);
    learnt = keptAfterPause(search, learnt);
  }
}

interface EndAnswer {
  readonly books: Books;
  readonly controller: Remembered | null;
  readonly strays: Strays | null;
}

/**
 * Asks accounting, and then fetches the receipts. If they say that the run went well, what else is asked before such a run is
 * closed is asked at the same time: the controller forgets, and accounting seldom lags.
 */
async function askEnd(ctx: RunContext, jobId: string, isFirst: boolean): Promise<EndAnswer> {
  const exit = jobExitIn(ctx.paths);
  const wentWell = exit?.job_id === jobId && exit.exit_code === 0;
  const more = isFirst && wentWell && left(ctx) > AMPLE ? [showJobArgv(jobId), copiesArgv()] : [];
  const { replies } = await askWithNews(ctx, [accountingArgv(jobId), ...more]);
  const [accounted, shown, copies] = replies;
  if (accounted === undefined) throw new Error('a question without an answer');
  const books = await booksOf(ctx, jobId, accounted);
  const controller = shown === undefined ? null : rememberedIn(ctx, jobId, shown);
  return { books, controller, strays: copies === undefined ? null : straysIn(ctx, copies) };
}

/** Waits for rows that lag: they may say that a task failed, or what was used. */
function waitsFor({ beganMs, deadlineMs }: Search, unfinished: Unfinished | null): boolean {
  if (unfinished === null) return false;
  return monotonicMs() < (unfinished.missing ? Math.min(deadlineMs, beganMs + MISSING_STEP_MS) : deadlineMs);
}

function left(ctx: RunContext): number {
  return readsLeft(viewOf(ctx).reads, now());
}

interface Asked {
  readonly learnt: Learnt;
  /** For how long the job was waited for in the queue. */
  readonly waitedMs: number;
}

/** Asks the queue or the controller, whichever may know more than accounting. Returns the step's end if the driver leaves. */
async function askOthers({ ctx, jobId }: Search, books: Books, learnt: Learnt): Promise<Asked | StepEnd> {
  if (books.kind === 'ended') return { learnt, waitedMs: 0 };
  const isLate = books.kind === 'not_yet';
  const asked = isLate ? learnt : { ...learnt, controller: learnt.controller ?? (await askController(ctx, jobId)) };
  // Accounting lags, the queue's answer was wrong, or a crash has put the job back: ask it again, repeatedly if that costs nothing.
  const mayWait = left(ctx) > (learnt.askedQueue ? AMPLE : KEPT_FOR_THE_BOOKS - 1);
  if (!mayWait || !(isLate || isInQueue(asked.controller))) return { learnt: asked, waitedMs: 0 };
  const fromMs = monotonicMs();
  const waited = await waitForEnd(ctx, 'confirm');
  if (waited.kind === 'paused') return waited.end;
  const waitedMs = monotonicMs() - fromMs;
  const controller = isLate ? learnt.controller : await askController(ctx, jobId);
  return { learnt: { controller, askedQueue: true }, waitedMs };
}

/** The time in which the job was in the queue is not that of accounting. */
function later({ beganMs, deadlineMs, ...search }: Search, byMs: number): Search {
  return { ...search, beganMs: beganMs + byMs, deadlineMs: deadlineMs + byMs };
}

/** A job whose end the controller is still seeing to is not waited for again. */
function isInQueue(controller: Remembered | null): boolean {
  return controller?.kind === 'active' && controller.state !== 'COMPLETING';
}

/** Accounting comes first while its rows may still arrive; the controller forgets, so it was asked at once. */
async function endKnown(search: Search, books: Books, learnt: Learnt): Promise<StepEnd | null> {
  const { ctx, jobId, deadlineMs } = search;
  const { controller } = learnt;
  const over = books.kind === 'off' || monotonicMs() > deadlineMs;
  if (over && books.kind === 'ended') return record(ctx, books.end, learnt);
  if (over && controller?.kind === 'ended') return record(ctx, controller.end, learnt);
  const vanished = await vanishedJob(ctx, { books, controller, over });
  if (vanished !== null) return vanished;
  return over ? undetermined(jobId, books, controller) : leaving(ctx, `The end of job ${jobId} is not confirmed yet.`);
}

/** If few questions are left, the last ones are asked when the time is over. */
async function pause({ ctx, deadlineMs }: Search, delay: GrowingDelay): Promise<void> {
  const spared = left(ctx) > KEPT_FOR_THE_BOOKS ? 0 : deadlineMs - monotonicMs();
  await sleep(Math.min(Math.max(delay.ms, spared), msUntilLeaving(ctx)), ctx.control.signal);
}

/** The controller is asked again, unless it has said how the job ended, or there are no questions to spare. */
function keptAfterPause({ ctx }: Search, learnt: Learnt): Learnt {
  return learnt.controller?.kind !== 'ended' && left(ctx) > KEPT_FOR_STRAYS ? { ...learnt, controller: null } : learnt;
}

/** An end that is not the run's, because another copy of the job owns it, is left for that of the owner. */
async function record(ctx: RunContext, end: Ended, { controller }: Learnt, fresh: Fresh = STALE): Promise<StepEnd> {
  const recorded = await recordEnd(ctx, end, controller, fresh);
  if (recorded.kind !== 'followed') return recorded;
  const waited = await waitForEnd(ctx, 'confirm');
  return waited.kind === 'paused' ? waited.end : confirmEnd(ctx);
}

function undetermined(jobId: string, books: Books, remembered: Remembered | null): StepEnd {
  const what =
    remembered?.kind === 'active'
      ? `It is unknown how job ${jobId} ends`
      : `Job ${jobId} has left the queue, and how it ended is unknown`;
  return {
    kind: 'paused',
    code: 'slurm.undetermined',
    message: `${what}. sacct: ${books.words}. scontrol: ${remembered?.words ?? 'not asked'}.`,
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
