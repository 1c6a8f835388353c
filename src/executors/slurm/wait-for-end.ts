import type { ProcessResult } from '../../platform/process.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { lastLineOf } from '../../platform/terminal/last-line.ts';
import { monotonicMs, now } from '../../platform/time.ts';
import { slurmLogs } from '../../records/paths.ts';
import { cancelRequest, noteCancel } from '../../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../../run/context.ts';
import { readReceipt } from '../../run/receipts.ts';
import { useOf } from '../../run/run-use.ts';
import type { StepPaused } from '../../run/step.ts';
import { EXIT_FILE } from '../../schedulers/receipt-files.ts';
import { onCluster } from '../../schedulers/slurm/clusters.ts';
import { CLIENT_ENVIRONMENT } from '../../schedulers/slurm/environment.ts';
import { judgeQueue, type QueueAnswer, queueArgv } from '../../schedulers/slurm/queue.ts';
import type { QueueQuestion, RunWatch } from '../../sites/run-folder.ts';
import { siteOfRun } from '../../sites/site.ts';
import { folderOfRun } from '../../sites/table.ts';
import { cancelJobs, type KnownJob } from './cancel-jobs.ts';
import { jobClaimIn } from './job-receipts.ts';
import { leaving } from './leaving.ts';
import { jobIdOf, jobNameOf, marksOfJob, orderOf } from './order.ts';
import { followOwner, otherOwner } from './owner.ts';
import { ask, keepAnswer, noteRead } from './scheduler.ts';
import { queueWords } from './standing.ts';
import {
  beganWaiting,
  cancelIsDue,
  completesTooLong,
  explanationOf,
  mayLeave,
  nextWait,
  outOfPatience,
  ownerIsDue,
  type Pace,
  type WaitAction,
  type WaitNews,
  type WaitState,
} from './wait-state.ts';
import { lookAtWaiting } from './waiting-job.ts';
import { type Ask, whyWaiting } from './why-waiting.ts';

/**
 * Waits for the end of a job: checks its receipt every second, which costs the scheduler nothing, and asks `squeue`
 * from time to time. wait-state.ts decides what follows from the news.
 */
export type Waited =
  { readonly kind: 'left'; readonly message: string } | { readonly kind: 'paused'; readonly end: StepPaused };

const LOOK_MS = 1_000;

/** One waiting driver. */
interface Waiting {
  readonly ctx: RunContext;
  readonly step: string;
  readonly news: RunWatch;
  readonly state: () => WaitState;
  /** Takes the next step; the caller does what it requires. */
  readonly take: (news: WaitNews) => readonly WaitAction[];
}

export async function waitForEnd(ctx: RunContext, step: string): Promise<Waited> {
  let state = beganWaiting(firstPoll(ctx));
  const news = folderOfRun(ctx).watch(ctx, () => questionOf(ctx, state));
  const take = (one: WaitNews): readonly WaitAction[] => {
    const next = nextWait(state, one);
    state = next.state;
    return next.actions;
  };
  try {
    return await lookUntilEnd({ ctx, step, news, state: () => state, take });
  } finally {
    news.close();
  }
}

function questionOf(ctx: RunContext, { nextPollMs }: WaitState): QueueQuestion {
  const argv = onCluster(queueArgv(jobIdOf(ctx)), siteOfRun(ctx).cluster);
  return { argv, environment: CLIENT_ENVIRONMENT, dueMs: nextPollMs };
}

/** A job that was just released is not queried at once; a driver that resumes a run, or only looks once, queries it. */
function firstPoll(ctx: RunContext): number {
  const { job } = viewOf(ctx);
  const young = job !== null && Date.parse(now()) - Date.parse(job.at) < orderOf(ctx).poll_min_seconds * 1000;
  return young && !ctx.options.detach ? monotonicMs() + orderOf(ctx).poll_min_seconds * 1000 : monotonicMs();
}

async function lookUntilEnd(waiting: Waiting): Promise<Waited> {
  const { ctx, news, state, take } = waiting;
  for (;;) {
    await lookForOwner(waiting);
    await stopIfAsked(waiting);
    noteStarted(waiting);
    const receipt = readReceipt(ctx.paths, EXIT_FILE);
    if (receipt !== null) take({ kind: 'receipt', text: receipt, nowMs: monotonicMs() });
    const answer = answerTo(ctx, news);
    const due = monotonicMs() >= state().nextPollMs;
    const brought = due && news.brings(questionOf(ctx, state()));
    if ((answer !== null || (due && !brought)) && (await poll(waiting, answer)))
      return { kind: 'left', message: `job ${jobIdOf(ctx)} has left the queue` };
    if (completesTooLong(state(), monotonicMs())) {
      const message = `job ${jobIdOf(ctx)} has been completing for over 60 s; its end is asked for`;
      return { kind: 'left', message };
    }
    const left = leavingNow(ctx, state());
    if (left !== null) return { kind: 'paused', end: left };
    progress(waiting);
    ctx.lease.assertHeld();
    const untilPoll = brought ? LOOK_MS : Math.max(1, state().nextPollMs - monotonicMs());
    await news.next(Math.min(LOOK_MS, untilPoll, untilDeadline(ctx)), ctx.control.signal);
  }
}

function untilDeadline(ctx: RunContext): number {
  return ctx.deadlineMs === null ? Infinity : Math.max(1, ctx.deadlineMs - monotonicMs());
}

function leavingNow(ctx: RunContext, state: WaitState): StepPaused | null {
  const jobId = jobIdOf(ctx);
  if (cancelRequest(ctx) !== null) return leavingCancelled(ctx, state);
  const left = leaving(ctx, `Job ${jobId} continues.`);
  if (left !== null) return left;
  if (!ctx.options.detach || !mayLeave(state)) return null;
  const waits = state.why === null ? '' : ` It waits: ${state.why}.`;
  return { kind: 'paused', code: 'run.submitted', message: `Job ${jobId} is running in the background.${waits}` };
}

/**
 * The request is in the journal. Only the user who asked, and waits, sees the message that the queue does not answer.
 */
function leavingCancelled(ctx: RunContext, state: WaitState): StepPaused | null {
  const job = `job ${jobIdOf(ctx)}`;
  const stands = 'the request remains, and the next call continues with it';
  if (ctx.control.detach)
    return { kind: 'paused', code: 'interrupted', message: `Interrupted while ${job} is cancelled: ${stands}.` };
  if (ctx.control.cancelBy === null || !outOfPatience(state, monotonicMs())) return null;
  const { who, code } = folderOfRun(ctx).silent({ who: 'The Slurm controller', code: 'slurm.unreachable' });
  return {
    kind: 'paused',
    code,
    message: `${who} does not answer, so whether ${job} is cancelled is unknown: ${stands}.`,
  };
}

async function stopIfAsked({ ctx, step, state, take }: Waiting): Promise<void> {
  const by = cancelRequest(ctx);
  if (by === null) return;
  noteCancel(ctx, step, by);
  if (!cancelIsDue(state(), monotonicMs())) return;
  const unheard = await cancelJobs(ctx, [knownJob(ctx, state())], `asked by ${by}`, step);
  take({ kind: 'cancelled', heard: unheard.length === 0, nowMs: monotonicMs() });
}

/**
 * Follows the owner as soon as there is a claim: a cancel, the log and the queue's answers then refer to the copy that
 * runs. While the owner is unknown, autolab asks again: our own job may stay held forever.
 */
async function lookForOwner({ ctx, step, state, take }: Waiting): Promise<void> {
  if (!ownerIsDue(state()) || otherOwner(ctx) === null) return;
  take({ kind: 'owner_asked' });
  if ((await followOwner(ctx, step)).kind === 'followed') take({ kind: 'followed' });
}

/** The claim in the run's folder says that the job has begun. */
function noteStarted({ ctx, step }: Waiting): void {
  if (viewOf(ctx).started !== null) return;
  const claim = jobClaimIn(ctx.paths);
  if (claim === null) return;
  ctx.journal.append(step, 'run.started', { supervisor_pid: null, started_at: claim.claimed_at });
  ctx.emit({ type: 'note', message: `Job ${claim.job_id} runs on ${claim.node}.` });
  writeManifest(ctx);
}

/**
 * The queue's answer during the look for news. Returns null if there is none, or if it is about a job that is not
 * followed any more.
 */
function answerTo(ctx: RunContext, news: RunWatch): ProcessResult | null {
  const answer = news.takeAnswer();
  const asked = onCluster(queueArgv(jobIdOf(ctx)), siteOfRun(ctx).cluster);
  if (answer === null || quoteArgv(answer.argv) !== quoteArgv(asked)) return null;
  return { ...answer, signal: null, spawnError: null, truncated: false, durationMs: 0 };
}

/** Asks the queue, unless it has answered, and does what follows. Returns whether the job has left it. */
async function poll(waiting: Waiting, given: ProcessResult | null): Promise<boolean> {
  const { ctx, take } = waiting;
  const jobId = jobIdOf(ctx);
  const askedMs = monotonicMs();
  const result = given ?? (await ask(ctx, queueArgv(jobId)));
  keepAnswer(ctx, 'squeue.txt', result);
  const answer = judgeQueue(result, jobId, marksOfJob(ctx));
  const why = await explained(waiting, answer);
  const words = queueWords(answer, why);
  noteQueue(waiting, answer, words);
  const actions = take({
    kind: 'queue',
    answer,
    submittedName: jobNameOf(ctx),
    words,
    why,
    askedMs,
    nowMs: monotonicMs(),
    pace: paceOf(ctx),
  });
  for (const action of actions) await act(waiting, action);
  return actions.some(({ kind }) => kind === 'left');
}

function noteQueue({ ctx, step }: Waiting, answer: QueueAnswer, words: string): void {
  noteRead(ctx, step, {
    command: 'squeue',
    answer: words,
    state: answer.kind === 'listed' ? answer.state : null,
    reason: answer.kind === 'listed' ? answer.reason : null,
    expected_start: answer.kind === 'listed' ? answer.startAt : null,
  });
}

function paceOf(ctx: RunContext): Pace {
  const { poll_min_seconds: minSeconds, poll_max_seconds: maxSeconds } = orderOf(ctx);
  return { minSeconds, maxSeconds, jitter: Math.random(), reads: viewOf(ctx).reads, now: now() };
}

async function act(waiting: Waiting, action: WaitAction): Promise<void> {
  const { ctx, step, state, take } = waiting;
  switch (action.kind) {
    case 'left':
      return;
    case 'tell':
      ctx.emit({ type: 'note', message: `Job ${jobIdOf(ctx)}: ${action.words}` });
      return;
    case 'give_back':
      await giveBack(waiting, action.reason);
      return;
    case 'look_at_waiting': {
      const looked = await lookAtWaiting(ctx, step, state().looked, action);
      if (looked === null) return;
      take({ kind: 'waiting_looked_at', known: looked.known });
      if (looked.cancelled) take({ kind: 'given_back', nowMs: monotonicMs() });
    }
  }
}

/** Queried once for each reason, and only while enough questions are left. */
async function explained({ ctx, step, state, take }: Waiting, answer: QueueAnswer): Promise<string | null> {
  if (answer.kind !== 'listed' || answer.reason === null) return null;
  const known = explanationOf(state(), answer.reason, { reads: viewOf(ctx).reads, now: now() });
  if (known !== undefined) return known;
  const questions: Ask = async (argv) => {
    const result = await ask(ctx, argv);
    const [command = ''] = argv;
    if (command === 'scontrol' || command === 'sacctmgr')
      noteRead(ctx, step, { command, answer: `asked for a limit: ${argv.slice(1).join(' ')}` });
    return result;
  };
  const why = await whyWaiting(questions, jobIdOf(ctx), answer, viewOf(ctx).job?.released === true);
  take({ kind: 'explained', reason: answer.reason, why });
  return why;
}

/** The queue's record of the job; before its first answer, the job as submitted. */
function knownJob(ctx: RunContext, { name }: WaitState): KnownJob {
  return { jobId: jobIdOf(ctx), name: name ?? jobNameOf(ctx) };
}

/** Slurm reports that the job can never start: waiting would never end. */
async function giveBack({ ctx, step, state, take }: Waiting, reason: string): Promise<void> {
  if (viewOf(ctx).hopeless === null) ctx.journal.append(step, 'job.hopeless', { reason });
  if (state().cancelledMs !== null) return;
  await cancelJobs(ctx, [knownJob(ctx, state())], `it can never start (${reason})`, step);
  take({ kind: 'given_back', nowMs: monotonicMs() });
}

function progress({ ctx, step, state }: Waiting): void {
  const { started, job } = viewOf(ctx);
  const since = started?.started_at ?? job?.at ?? now();
  ctx.emit({
    type: 'progress',
    step,
    elapsed_seconds: Math.max(0, (Date.parse(now()) - Date.parse(since)) / 1000),
    last_line: started === null ? state().told || null : lastLineOf(slurmLogs(ctx.paths, jobIdOf(ctx)).stdout),
    ...(started === null ? {} : { use: useOf(viewOf(ctx).opened, ctx.paths) }),
  });
}
