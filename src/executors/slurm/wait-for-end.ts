import { lastLineOf } from '../../platform/files.ts';
import type { ProcessResult } from '../../platform/process.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { monotonicMs, now } from '../../platform/time.ts';
import { watchFolder } from '../../platform/watch.ts';
import { slurmLogs } from '../../records/paths.ts';
import { cancelRequest, noteCancel } from '../../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import type { StepPaused } from '../../run/step.ts';
import { CLAIM_FILE, EXIT_FILE } from '../../schedulers/receipt-files.ts';
import { onCluster } from '../../schedulers/slurm/clusters.ts';
import { CLIENT_ENVIRONMENT } from '../../schedulers/slurm/environment.ts';
import { AMPLE, delayNearEnd, nextDelay, readsLeft } from '../../schedulers/slurm/polling.ts';
import { judgeQueue, type QueueAnswer, queueArgv } from '../../schedulers/slurm/queue.ts';
import { parseJobClaim } from '../../schedulers/slurm/receipt.ts';
import { siteOfRun } from '../../sites/site.ts';
import { type QueueQuestion, type RunWatch, watchFar } from '../../sites/ssh/watch-far.ts';
import { cancelJobs, type KnownJob } from './cancel-jobs.ts';
import { leaving } from './leaving.ts';
import { jobIdOf, jobNameOf, marksOfJob, orderOf } from './order.ts';
import { followOwner, otherOwner } from './owner.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';
import { queueWords } from './standing.ts';
import { lookAtWaiting } from './waiting-job.ts';
import { type Ask, whyWaiting } from './why-waiting.ts';

/**
 * Waiting for the end of a job: its receipt is looked for every second, which costs the scheduler nothing, and `squeue` is
 * asked now and then. Whichever speaks first, it takes the queue's own word that the job has left it; an empty answer
 * without a receipt has to come twice.
 */
export type Waited =
  { readonly kind: 'left'; readonly message: string } | { readonly kind: 'paused'; readonly end: StepPaused };

const LOOK_MS = 1_000;
/** An answer that may be wrong once is asked for again after this. */
const AGAIN_MS = 3_000;
/** Longer than this in COMPLETING, and accounting may know the end although the queue still shows the job. */
const COMPLETING_MS = 60_000;
/** So often the queue is looked at before a detached driver leaves a job that has left a receipt. */
const LOOKS_AT_RECEIPT = 3;
const CANCEL_AGAIN_MS = 60_000;
/** A `scancel` that did not get through is worth another one sooner. */
const UNHEARD_AGAIN_MS = 10_000;
/** A person who cancels is told after so long that nobody answers. The wish stands. */
const PATIENCE_MS = 30_000;

interface Watch {
  /** On the monotonic clock. */
  nextPoll: number;
  polls: number;
  /** Polls since something speaks for the end: the next ones come quickly. */
  quick: number;
  /** The next poll is such a quick one. */
  soon: boolean;
  gone: number;
  completingSince: number | null;
  /** The receipt that the queue's answer was asked for. */
  receipt: string | null;
  state: string;
  cancelled: number | null;
  unheard: boolean;
  /** Since when nobody answers. */
  silentSince: number | null;
  /** Why it waits was looked into. */
  looked: boolean;
  /** What the queue calls the job; null before it has said anything. */
  name: string | null;
  /** Where the claim names another job, it is asked whose that is as soon as so many polls were made. */
  askOwnerAt: number;
  /** What was found out about the reasons for which it waits. */
  readonly reasons: Map<string, string | null>;
  /** Why it does not start by itself, by the last answer. */
  why: string | null;
}

export async function waitForEnd(ctx: RunContext, step: string): Promise<Waited> {
  const watch = watchFrom(ctx);
  const { far } = siteOfRun(ctx);
  const news = far === null ? watchHere(ctx) : watchFar(ctx, far, () => questionOf(ctx, watch));
  try {
    return await lookUntilEnd(ctx, step, watch, news);
  } finally {
    news.close();
  }
}

/** Here the queue is asked directly. */
function watchHere(ctx: RunContext): RunWatch {
  return { ...watchFolder(ctx.paths.receipt), takeAnswer: () => null, brings: () => false };
}

function questionOf(ctx: RunContext, watch: Watch): QueueQuestion {
  const argv = onCluster(queueArgv(jobIdOf(ctx)), siteOfRun(ctx).cluster);
  return { argv, environment: CLIENT_ENVIRONMENT, dueMs: watch.nextPoll };
}

function watchFrom(ctx: RunContext): Watch {
  return {
    nextPoll: firstPoll(ctx),
    polls: 0,
    quick: 0,
    soon: false,
    gone: 0,
    completingSince: null,
    receipt: null,
    state: '',
    cancelled: null,
    unheard: false,
    silentSince: null,
    looked: false,
    name: null,
    askOwnerAt: 0,
    reasons: new Map(),
    why: null,
  };
}

async function lookUntilEnd(ctx: RunContext, step: string, watch: Watch, news: RunWatch): Promise<Waited> {
  for (;;) {
    await lookForOwner(ctx, step, watch);
    await stopIfAsked(ctx, step, watch);
    noteStarted(ctx, step);
    const receipt = readReceipt(ctx.paths, EXIT_FILE);
    if (receipt !== null && receipt !== watch.receipt) hurry(watch, receipt);
    const told = answerTo(ctx, news);
    const due = monotonicMs() >= watch.nextPoll;
    const brought = due && news.brings(questionOf(ctx, watch));
    if (told !== null || (due && !brought)) {
      const message = await poll(ctx, step, watch, told);
      if (message !== null) return { kind: 'left', message };
    }
    if (watch.completingSince !== null && monotonicMs() - watch.completingSince > COMPLETING_MS) {
      const message = `job ${jobIdOf(ctx)} has been completing for over 60 s; its end is asked for`;
      return { kind: 'left', message };
    }
    const left = leavingNow(ctx, watch);
    if (left !== null) return { kind: 'paused', end: left };
    progress(ctx, step, watch);
    ctx.lease.assertHeld();
    const untilPoll = brought ? LOOK_MS : Math.max(1, watch.nextPoll - monotonicMs());
    await news.next(Math.min(LOOK_MS, untilPoll, untilDeadline(ctx)), ctx.control.signal);
  }
}

function untilDeadline(ctx: RunContext): number {
  return ctx.deadlineMs === null ? Infinity : Math.max(1, ctx.deadlineMs - monotonicMs());
}

/** A job that was released a moment ago is not asked about at once; whoever carries on a run, or only looks in, does. */
function firstPoll(ctx: RunContext): number {
  const { job } = viewOf(ctx);
  const young = job !== null && Date.parse(now()) - Date.parse(job.at) < orderOf(ctx).poll_min_seconds * 1000;
  return young && !ctx.options.detach ? monotonicMs() + orderOf(ctx).poll_min_seconds * 1000 : monotonicMs();
}

function hurry(watch: Watch, receipt: string | null): void {
  watch.receipt = receipt;
  watch.quick = 0;
  watch.soon = true;
  watch.nextPoll = monotonicMs();
}

/** A detached driver leaves only after it has looked: a run that has ended is finished. */
function leavingNow(ctx: RunContext, watch: Watch): StepPaused | null {
  const jobId = jobIdOf(ctx);
  if (cancelRequest(ctx) !== null) return leavingCancelled(ctx, watch);
  const left = leaving(ctx, `Job ${jobId} goes on.`);
  if (left !== null) return left;
  if (!ctx.options.detach || watch.polls === 0) return null;
  // With one empty answer the end is a few seconds away, and with a receipt, unless that is of a start before a requeue.
  if (watch.gone > 0 || (watch.soon && watch.quick < LOOKS_AT_RECEIPT)) return null;
  const waits = watch.why === null ? '' : ` It waits: ${watch.why}.`;
  const message = `Job ${jobId} goes on by itself; nobody drives it now.${waits}`;
  return { kind: 'paused', code: 'run.submitted', message };
}

/** The wish is in the journal. Only the person who asked, and waits, is told that nobody answers: a driver goes on asking. */
function leavingCancelled(ctx: RunContext, { silentSince }: Watch): StepPaused | null {
  const job = `job ${jobIdOf(ctx)}`;
  const stands = 'the wish stands, and the next call goes on with it';
  if (ctx.control.detach)
    return { kind: 'paused', code: 'interrupted', message: `Interrupted while ${job} is cancelled: ${stands}.` };
  if (ctx.control.cancelBy === null || silentSince === null || monotonicMs() - silentSince < PATIENCE_MS) return null;
  const { far } = siteOfRun(ctx);
  const who = far === null ? 'The Slurm controller' : far.ssh.name;
  return {
    kind: 'paused',
    code: far === null ? 'slurm.unreachable' : 'remote.lost',
    message: `${who} does not answer, so nobody knows whether ${job} is cancelled: ${stands}.`,
  };
}

async function stopIfAsked(ctx: RunContext, step: string, watch: Watch): Promise<void> {
  const by = cancelRequest(ctx);
  if (by === null) return;
  noteCancel(ctx, step, by);
  const again = watch.unheard ? UNHEARD_AGAIN_MS : CANCEL_AGAIN_MS;
  if (watch.cancelled !== null && monotonicMs() - watch.cancelled < again) return;
  watch.unheard = (await cancelJobs(ctx, [knownJob(ctx, watch)], `asked by ${by}`, step)).length > 0;
  watch.cancelled = monotonicMs();
  hurry(watch, watch.receipt);
}

/**
 * As soon as the claim is there: a cancel, the log and the queue's answers are then those of the copy that runs. Where
 * nobody could say whose the claim is, it is asked again, more and more seldom: our own job may stay held for ever.
 */
async function lookForOwner(ctx: RunContext, step: string, watch: Watch): Promise<void> {
  if (watch.polls < watch.askOwnerAt || otherOwner(ctx) === null) return;
  watch.askOwnerAt = Math.max(1, watch.polls * 2);
  if ((await followOwner(ctx, step)).kind !== 'followed') return;
  watch.gone = 0;
  watch.completingSince = null;
  watch.cancelled = null;
  watch.name = null;
}

/** The claim in the run's folder says that the job has begun. */
function noteStarted(ctx: RunContext, step: string): void {
  if (viewOf(ctx).started !== null) return;
  const claim = parseJobClaim(readReceipt(ctx.paths, CLAIM_FILE));
  if (claim === null) return;
  ctx.journal.append(step, 'run.started', { supervisor_pid: null, started_at: claim.claimed_at });
  ctx.emit({ type: 'note', message: `Job ${claim.job_id} runs on ${claim.node}.` });
  writeManifest(ctx);
}

/** What the queue said while it was looked for news; null: nothing, or of a job that is not followed any more. */
function answerTo(ctx: RunContext, news: RunWatch): ProcessResult | null {
  const answer = news.takeAnswer();
  const asked = onCluster(queueArgv(jobIdOf(ctx)), siteOfRun(ctx).cluster);
  if (answer === null || quoteArgv(answer.argv) !== quoteArgv(asked)) return null;
  return { ...answer, signal: null, spawnError: null, truncated: false, durationMs: 0 };
}

/** A sentence where the job has left the queue; null where it has not, or where nobody could say. */
async function poll(ctx: RunContext, step: string, watch: Watch, told: ProcessResult | null): Promise<string | null> {
  const jobId = jobIdOf(ctx);
  const asked = monotonicMs();
  const result = told ?? (await ask(ctx, queueArgv(jobId)));
  keepAnswer(ctx, 'squeue.txt', result);
  const answer = judgeQueue(result, jobId, marksOfJob(ctx));
  watch.polls += 1;
  watch.why = await explained(ctx, step, watch, answer);
  const words = queueWords(answer, watch.why);
  noteRead(ctx, step, {
    command: 'squeue',
    answer: words,
    state: answer.kind === 'listed' ? answer.state : null,
    reason: answer.kind === 'listed' ? answer.reason : null,
    expected_start: answer.kind === 'listed' ? answer.startAt : null,
  });
  if (answer.kind !== 'no_answer') tell(ctx, watch, jobId, words);
  schedule(ctx, watch, answer);
  watch.silentSince = answer.kind === 'no_answer' ? (watch.silentSince ?? asked) : null;
  if (answer.kind === 'no_answer') return null;
  if (answer.kind === 'listed') {
    watch.gone = 0;
    // A cancel by the name that it had before has passed it by.
    if (answer.name !== knownJob(ctx, watch).name) watch.cancelled = null;
    watch.name = answer.name;
    if (answer.hopeless) await giveBack(ctx, step, watch, answer.reason ?? '');
    if (watch.cancelled === null && answer.state === 'PENDING') await lookAtWaiting(ctx, step, watch, answer);
    if (answer.state !== 'PENDING') watch.looked = false;
    if (answer.state !== 'COMPLETING') watch.completingSince = null;
    else watch.completingSince ??= monotonicMs();
    return null;
  }
  watch.gone += 1;
  const remembered = answer.kind === 'gone' && answer.state !== null;
  const sure =
    remembered ||
    watch.receipt !== null ||
    watch.completingSince !== null ||
    watch.gone > 1 ||
    watch.cancelled !== null;
  return sure ? `job ${jobId} has left the queue` : null;
}

/** Asked once for each reason, and only while there is enough left to ask. */
async function explained(ctx: RunContext, step: string, watch: Watch, answer: QueueAnswer): Promise<string | null> {
  if (answer.kind !== 'listed' || answer.reason === null) return null;
  const known = watch.reasons.get(answer.reason);
  if (known !== undefined || readsLeft(viewOf(ctx).reads, now()) < AMPLE) return known ?? null;
  const questions: Ask = async (argv) => {
    const result = await ask(ctx, argv);
    const [command = ''] = argv;
    if (command === 'scontrol' || command === 'sacctmgr')
      noteRead(ctx, step, { command, answer: `asked for a limit: ${argv.slice(1).join(' ')}` });
    return result;
  };
  const why = await whyWaiting(questions, jobIdOf(ctx), answer, viewOf(ctx).job?.released === true);
  watch.reasons.set(answer.reason, why);
  return why;
}

/** As the queue has it; before it has said anything, as it was submitted. */
function knownJob(ctx: RunContext, watch: Watch): KnownJob {
  return { jobId: jobIdOf(ctx), name: watch.name ?? jobNameOf(ctx) };
}

/** Slurm says that the job can never start: waiting would be for ever. */
async function giveBack(ctx: RunContext, step: string, watch: Watch, reason: string): Promise<void> {
  if (viewOf(ctx).hopeless === null) ctx.journal.append(step, 'job.hopeless', { reason });
  if (watch.cancelled !== null) return;
  await cancelJobs(ctx, [knownJob(ctx, watch)], `it can never start (${reason})`, step);
  watch.cancelled = monotonicMs();
}

function schedule(ctx: RunContext, watch: Watch, answer: QueueAnswer): void {
  const { poll_min_seconds: minSeconds, poll_max_seconds: maxSeconds } = orderOf(ctx);
  const view = viewOf(ctx);
  const endNear = watch.receipt !== null || watch.cancelled !== null || watch.completingSince !== null;
  // A person who cancels waits for the end: that is worth a few questions more.
  const left = watch.cancelled !== null ? Infinity : readsLeft(view.reads, now());
  const soon = endNear ? delayNearEnd(watch.quick, left) : null;
  watch.soon = soon !== null;
  if (answer.kind === 'gone' || answer.kind === 'unknown_job' || answer.kind === 'other_job')
    watch.nextPoll = monotonicMs() + AGAIN_MS;
  else if (soon !== null) {
    watch.nextPoll = monotonicMs() + soon * 1000;
    watch.quick += 1;
  } else {
    const seconds = nextDelay({
      poll: watch.polls,
      minSeconds,
      maxSeconds,
      jitter: Math.random(),
      reads: view.reads,
      now: now(),
    });
    watch.nextPoll = monotonicMs() + seconds * 1000;
  }
}

/** What changed, once. */
function tell(ctx: RunContext, watch: Watch, jobId: string, words: string): void {
  if (words === watch.state) return;
  watch.state = words;
  ctx.emit({ type: 'note', message: `Job ${jobId}: ${words}` });
}

function progress(ctx: RunContext, step: string, watch: Watch): void {
  const { started, job } = viewOf(ctx);
  const since = started?.started_at ?? job?.at ?? now();
  ctx.emit({
    type: 'progress',
    step,
    elapsed_seconds: Math.max(0, (Date.parse(now()) - Date.parse(since)) / 1000),
    last_line: started === null ? watch.state || null : lastLineOf(slurmLogs(ctx.paths, jobIdOf(ctx)).stdout),
  });
}
