import { join } from 'node:path';
import { readTextOrNull } from '../../../platform/files.ts';
import { monotonicMs, now } from '../../../platform/time.ts';
import { allOf } from '../../../records/journal-events.ts';
import { taskClaimName, taskPaths } from '../../../records/tasks/task-files.ts';
import { parseTaskClaim } from '../../../records/tasks/task-receipt.ts';
import { cancelRequest } from '../../../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../../../run/context.ts';
import type { StepFailed, StepPaused } from '../../../run/step.ts';
import { freeNowAndThen } from '../../../run/tasks/lean.ts';
import {
  type ArrayLine,
  arraysArgv,
  asOneJob,
  isAlive,
  isHopeless,
  judgeArrays,
  withoutHeldCopies,
  wordsOfArrays,
} from '../../../schedulers/slurm/arrays/array-queue.ts';
import { CLIENT_ENVIRONMENT } from '../../../schedulers/slurm/environment.ts';
import { throttleArgv } from '../../../schedulers/slurm/scontrol.ts';
import { folderOfRun } from '../../../sites/table.ts';
import { cancelJobs } from '../cancel-jobs.ts';
import { leaving } from '../leaving.ts';
import { jobNameOf, keyOf, marksOfJob, orderOf } from '../order.ts';
import { releaseJob } from '../release.ts';
import { ask, keepAnswer, noteRead } from '../scheduler.ts';
import { beganWaiting, mayLeave, nextWait, outOfPatience, type WaitNews, type WaitState } from '../wait-state.ts';
import { lacksRelease } from './array-release.ts';
import { isReissued, placesLeft, tasksInArray } from './chunks.ts';
import { EarlyOutputs } from './early-outputs.ts';
import { feed, type Feeder, hasRest, newFeeder } from './feed.ts';
import { heedRequests, newSent, type Sent } from './heed.ts';
import { type LookedAt, lookedAt, nextLookMs } from './look-pace.ts';
import { type TaskLook, TaskNews } from './task-news.ts';
import { tasksOrderOf } from './tasks-on-slurm.ts';

/**
 * Waits for the end of all tasks: looks at their receipts about every second, which costs the scheduler nothing, and asks
 * `squeue` for all arrays at once from time to time. It submits what had no room before, raises the share of the last array,
 * and heeds requests.
 */
export type TasksWaited =
  { readonly kind: 'left'; readonly message: string } | { readonly kind: 'end'; readonly end: StepPaused | StepFailed };

/** All arrays together, where the pace of questions is decided as for one job. */
const TOGETHER = 'all arrays';

interface Waiting {
  readonly ctx: RunContext;
  readonly step: string;
  readonly news: TaskNews;
  readonly feeder: Feeder;
  readonly sent: Sent;
  readonly outputs: EarlyOutputs;
  /** At once, as this driver has set it; by array. */
  readonly throttles: Map<number, number>;
  state: WaitState;
  looked: LookedAt | null;
  /** Until the next look. */
  pauseMs: number;
}

export async function waitForTasks(ctx: RunContext, step: string): Promise<TasksWaited> {
  const state = beganWaiting(firstPoll(ctx));
  const waiting: Waiting = {
    ...{ ctx, step, state, news: new TaskNews(ctx), feeder: newFeeder(ctx), sent: newSent(), throttles: new Map() },
    ...{ outputs: new EarlyOutputs(ctx), looked: null, pauseMs: 0 },
  };
  const watch = folderOfRun(ctx).watch(ctx, () => ({ argv: [], environment: CLIENT_ENVIRONMENT, dueMs: Infinity }));
  try {
    for (;;) {
      const end = await lookOnce(waiting);
      if (end !== null) return end;
      const untilPoll = Math.max(1, waiting.state.nextPollMs - monotonicMs());
      await watch.next(Math.min(waiting.pauseMs, untilPoll, untilDeadline(ctx)), ctx.control.signal);
    }
  } finally {
    watch.close();
    await waiting.outputs.end();
  }
}

/** Arrays that were just released are not queried at once; a driver that resumes a run, or only looks once, queries them. */
function firstPoll(ctx: RunContext): number {
  const first = orderOf(ctx).poll_min_seconds * 1000;
  const last = viewOf(ctx).chunks.findLast(({ job }) => job !== null)?.job ?? null;
  const young = last !== null && Date.parse(now()) - Date.parse(last.at) < first;
  return young && !ctx.options.detach ? monotonicMs() + first : monotonicMs();
}

function untilDeadline(ctx: RunContext): number {
  return ctx.deadlineMs === null ? Infinity : Math.max(1, ctx.deadlineMs - monotonicMs());
}

function take(waiting: Waiting, news: WaitNews): readonly { readonly kind: string }[] {
  const { state, actions } = nextWait(waiting.state, news);
  waiting.state = state;
  return actions;
}

async function lookOnce(waiting: Waiting): Promise<TasksWaited | null> {
  const { ctx, step, news, feeder, sent } = waiting;
  let look = news.look();
  noteStarted(waiting, look);
  if (await heedRequests(ctx, step, look, sent)) noteHeeded(waiting);
  const end = await feedAll(feeder, look);
  if (end !== null) return { kind: 'end', end };
  if (look.allOver) take(waiting, { kind: 'receipt', text: TOGETHER, nowMs: monotonicMs() });
  if (monotonicMs() >= waiting.state.nextPollMs) {
    const left = await poll(waiting);
    look = news.look();
    if (left && !hasRest(feeder)) return { kind: 'left', message: 'no task is in the queue' };
  }
  await raiseShares(waiting, look);
  if (!look.allOver) waiting.outputs.bring(look.ended);
  const left = leavingNow(waiting);
  if (left !== null) return { kind: 'end', end: left };
  progress(waiting, look);
  const looked = lookedAt(look.now, monotonicMs());
  waiting.pauseMs = nextLookMs(waiting.looked, looked);
  waiting.looked = looked;
  freeNowAndThen(ctx);
  ctx.lease.assertHeld();
  return null;
}

/** Asks the queue soon, and looks up soon whether an array without an answer is there. */
function noteHeeded(waiting: Waiting): void {
  const nowMs = monotonicMs();
  take(waiting, { kind: 'cancelled', heard: true, nowMs });
  waiting.feeder.nextMs = Math.min(waiting.feeder.nextMs, nowMs);
}

async function feedAll(feeder: Feeder, look: TaskLook): Promise<StepPaused | StepFailed | null> {
  for (;;) {
    const fed = await feed(feeder, look.isOver);
    if (fed === 'idle') return null;
    if (fed !== 'fed') return fed.kind === 'done' ? null : fed;
  }
}

/** Asks the queue for all arrays, and does what follows. Returns whether nothing of them is there any more. */
async function poll(waiting: Waiting): Promise<boolean> {
  const { ctx, step } = waiting;
  const askedMs = monotonicMs();
  const submitted = viewOf(ctx).chunks.filter(({ job }) => job !== null);
  const arrays = submitted.map(({ index }) => index);
  const names = [...new Set(arrays.flatMap((chunk) => [keyOf(ctx, chunk), jobNameOf(ctx, chunk)]))];
  const result = await ask(ctx, arraysArgv(names));
  keepAnswer(ctx, 'squeue.txt', result);
  const ours = new Set(submitted.flatMap(({ job }) => job?.job_id ?? []));
  const answer = withoutHeldCopies(judgeArrays(result, { names, chdir: marksOfJob(ctx).chdir }), ours);
  const lines = answer.kind === 'listed' ? answer.lines : [];
  const together = asOneJob(answer, TOGETHER);
  const words =
    answer.kind === 'no_answer' ? `no answer (${answer.words})` : wordsOfArrays(lines) || 'not in the queue';
  const { state, reason } = together.kind === 'listed' ? together : { state: null, reason: null };
  noteRead(ctx, step, { command: 'squeue', answer: words, state, reason });
  noteElements(waiting, lines);
  const { poll_min_seconds: minSeconds, poll_max_seconds: maxSeconds } = orderOf(ctx);
  const pace = { minSeconds, maxSeconds, jitter: Math.random(), reads: watchingReads(ctx), now: now() };
  const actions = take(waiting, {
    ...{ kind: 'queue', answer: together, submittedName: TOGETHER, words, why: null },
    ...{ askedMs, nowMs: monotonicMs(), pace },
  });
  if (actions.some(({ kind }) => kind === 'tell')) ctx.emit({ type: 'note', message: `Tasks in the queue: ${words}` });
  await lookAtArrays(waiting, lines);
  return actions.some(({ kind }) => kind === 'left');
}

/** Submitting has its own number of questions, by arrays; the rest is bounded by the hour. */
export function watchingReads(ctx: RunContext): readonly string[] {
  return allOf(ctx.journal.entries, 'scheduler.read')
    .filter(({ step }) => step !== 'submit')
    .map(({ at }) => at);
}

/** An element that was killed leaves no receipt; one that was requeued is there again. */
function noteElements({ ctx, news }: Waiting, lines: readonly ArrayLine[]): void {
  if (tasksOrderOf(ctx).workers !== null) return;
  for (const line of lines) {
    const chunk = viewOf(ctx).chunks.findLast(({ job }) => job?.job_id === line.arrayId);
    const plan = chunk?.plan ?? null;
    if (plan === null) continue;
    const tasks = line.indices.map((element) => plan.offset + element);
    for (const task of tasks.filter((one) => tasksInArray(plan).has(one))) {
      if (isAlive(line)) news.noteAlive(task);
      else news.noteGone(task, line.state === 'COMPLETED');
    }
  }
}

/** An array whose release was not answered, and one that can never start. */
async function lookAtArrays({ ctx, step, feeder }: Waiting, lines: readonly ArrayLine[]): Promise<void> {
  if (cancelRequest(ctx) !== null) return;
  const view = viewOf(ctx);
  for (const { index, job, hopeless } of view.chunks) {
    if (job === null || isReissued(view, index)) continue;
    const ours = lines.filter(({ arrayId }) => arrayId === job.job_id);
    const isHeld = ours.some(({ reason, state }) => state === 'PENDING' && reason === 'JobHeldUser');
    if (isHeld && (await lacksRelease(ctx, step, index))) {
      feeder.settled.add(index);
      await releaseJob(ctx, job.job_id, index);
    }
    const never = ours.find(isHopeless);
    if (never === undefined || hopeless !== null) continue;
    ctx.journal.append(step, 'job.hopeless', { reason: never.reason, chunk: index });
    const why = `it can never start (${never.reason})`;
    await cancelJobs(ctx, [{ jobId: job.job_id, name: jobNameOf(ctx, index) }], why, step);
  }
}

/** As the tasks of earlier arrays end, the last one gets their places: in few steps, each at least twice the one before. */
async function raiseShares({ ctx, throttles }: Waiting, look: TaskLook): Promise<void> {
  const { chunks } = viewOf(ctx);
  const tasks = tasksOrderOf(ctx);
  for (const { index, plan, job } of chunks) {
    const first = plan?.at_once ?? null;
    if (first === null || job?.released !== true || first === tasks.max_parallel) continue;
    const places = placesLeft(tasks, chunks.slice(0, index), look.isOver) ?? 0;
    const now = throttles.get(index) ?? first;
    if (places <= now || (places < 2 * now && places !== tasks.max_parallel)) continue;
    ctx.lease.assertHeld();
    keepAnswer(ctx, 'scontrol.throttle.txt', await ask(ctx, throttleArgv(job.job_id, places)));
    throttles.set(index, places);
  }
}

function leavingNow({ ctx, state, feeder }: Waiting): StepPaused | null {
  if (cancelRequest(ctx) !== null) return leavingCancelled(ctx, state);
  const rest = hasRest(feeder) ? ' The rest of the tasks is submitted by: autolab resume.' : '';
  const left = leaving(ctx, `The tasks in the queue continue.${rest}`);
  if (left !== null) return left;
  if (!ctx.options.detach || !mayLeave(state)) return null;
  return { kind: 'paused', code: 'run.submitted', message: `The tasks are running in the background.${rest}` };
}

function leavingCancelled({ control }: RunContext, state: WaitState): StepPaused | null {
  const stands = 'the request remains, and the next call continues with it';
  if (control.detach)
    return { kind: 'paused', code: 'interrupted', message: `Interrupted while the tasks are cancelled: ${stands}.` };
  if (control.cancelBy === null || !outOfPatience(state, monotonicMs())) return null;
  const message = `The Slurm controller does not answer, so whether the tasks are cancelled is unknown: ${stands}.`;
  return { kind: 'paused', code: 'slurm.unreachable', message };
}

/** The first claim says that the run has begun. */
function noteStarted({ ctx, step }: Waiting, { begun }: TaskLook): void {
  if (viewOf(ctx).started !== null) return;
  for (const { task, attempt } of begun) {
    const name = taskClaimName(task, attempt);
    const claim = parseTaskClaim(readTextOrNull(join(taskPaths(ctx.paths).receipts, name)));
    if (claim === null) continue;
    ctx.journal.append(step, 'run.started', { supervisor_pid: null, started_at: claim.claimed_at });
    ctx.emit({ type: 'note', message: `Task ${task} runs on ${claim.node}.` });
    writeManifest(ctx);
    return;
  }
}

function progress({ ctx, step, state }: Waiting, { now: tasks }: TaskLook): void {
  const { started, job } = viewOf(ctx);
  const since = started?.started_at ?? job?.at ?? now();
  ctx.emit({
    type: 'progress',
    step,
    elapsed_seconds: Math.max(0, (Date.parse(now()) - Date.parse(since)) / 1000),
    last_line: state.told || null,
    tasks,
  });
}
