import { type GrowingDelay, growingDelay, grown } from '../../../platform/growing-delay.ts';
import { monotonicMs, sleep } from '../../../platform/time.ts';
import type { ChunkView } from '../../../records/run-view.ts';
import { type RunContext, viewOf } from '../../../run/context.ts';
import type { StepEnd, StepFailed } from '../../../run/step.ts';
import {
  type ArrayRoom,
  judgeRoom,
  largestArray,
  testArrayArgv,
} from '../../../schedulers/slurm/arrays/array-limits.ts';
import { configArgv } from '../../../schedulers/slurm/config.ts';
import { submitEnvironment } from '../../../schedulers/slurm/environment.ts';
import { siteOfRun } from '../../../sites/site.ts';
import { bringIntoQueue } from '../into-queue.ts';
import { controllerAway, leaving } from '../leaving.ts';
import { chunkOf, hasOthers, orderOf } from '../order.ts';
import { ask, keepAnswer, noteRead } from '../scheduler.ts';
import { settleJob } from '../settle-job.ts';
import { elementsFor, hasMore, nextShare, othersRun, placesLeft } from './chunks.ts';
import { type AfterVain, afterVain, type InVain } from './submit-again.ts';
import { tasksOrderOf, tasksToRun } from './tasks-on-slurm.ts';

/**
 * Brings the tasks into the queue, array by array: each is planned, submitted exactly once, and released. What does not fit
 * into the site's limits waits until there is room.
 */

/** What one driver knows beside the journal. */
export interface Feeder {
  readonly ctx: RunContext;
  /** Tasks that are not taken over, ascending. */
  readonly toRun: readonly number[];
  /** Arrays that this driver has checked and released. */
  readonly settled: Set<number>;
  /** When there may be room again, on the monotonic clock. */
  nextMs: number;
  delay: GrowingDelay;
  /** Tries without an answer, of the array that is next. */
  inVain: InVain | null;
  /** How often sbatch had been called for an array before this driver brought it in; by array. */
  readonly calledBefore: Map<number, number>;
}

export function newFeeder(ctx: RunContext): Feeder {
  const now = { nextMs: 0, delay: ROOM_AGAIN, inVain: null, calledBefore: new Map<number, number>() };
  return { ctx, toRun: tasksToRun(ctx), settled: new Set(), ...now };
}

/** The array that is planned, and not in the queue and released. */
function openChunk({ ctx, settled }: Feeder): ChunkView | undefined {
  return viewOf(ctx).chunks.find(
    ({ index, plan, givenUp }) => plan !== null && givenUp === null && !settled.has(index),
  );
}

/** Whether an array is still to be brought into the queue. After a cancel: an array that may be there. */
export function hasRest(feeder: Feeder): boolean {
  const view = viewOf(feeder.ctx);
  const open = openChunk(feeder);
  if (open === undefined) return hasMore(view, feeder.toRun.length);
  const isOff = view.stopped !== null || view.cancel !== null;
  return !isOff || open.job !== null || open.submissions.unanswered;
}

/** `fed`: something was done, and there may be more. `idle`: nothing can be done now. */
export type Fed = StepEnd | 'fed' | 'idle';

const ROOM_AGAIN = growingDelay(15_000, 300_000);
const PATIENCE_MS = 120_000;
const AWAY = growingDelay(1_000, 30_000);
const CHECK_MS = 60_000;

/** `isOver`: whether nothing of a task will run any more. */
export async function feed(feeder: Feeder, isOver: (task: number) => boolean): Promise<Fed> {
  const { ctx, toRun } = feeder;
  const view = viewOf(ctx);
  const open = openChunk(feeder);
  if (open !== undefined && monotonicMs() >= feeder.nextMs) return bringIn(feeder, open.index, isOver);
  if (open !== undefined || !hasMore(view, toRun.length) || monotonicMs() < feeder.nextMs) return 'idle';
  const tasks = tasksOrderOf(ctx);
  const atOnce = placesLeft(tasks, view.chunks, isOver);
  if (atOnce === 0) return 'idle';
  const most = view.chunks[0].plan?.most ?? (await askLargest(ctx));
  if (typeof most !== 'number') return most;
  if (most < 1) return noArrays();
  const share = nextShare(view, toRun, most).slice(0, orderOf(ctx).chunk_tasks ?? Infinity);
  const elements = await roomFor(ctx, share.length);
  if (elements === null) return waitsForRoom(feeder);
  const chunk = view.chunks[0].plan === null ? 0 : view.chunks.length;
  const plan = { chunk, ...elementsFor(share.slice(0, elements)), at_once: atOnce, most };
  ctx.journal.append('submit', 'chunk.planned', plan);
  return 'fed';
}

function waitsForRoom(feeder: Feeder): 'idle' {
  feeder.nextMs = monotonicMs() + feeder.delay.ms;
  feeder.delay = grown(feeder.delay);
  return 'idle';
}

async function bringIn(feeder: Feeder, chunk: number, isOver: (task: number) => boolean): Promise<Fed> {
  const { ctx, settled, calledBefore } = feeder;
  const before = calledBefore.get(chunk) ?? chunkOf(ctx, chunk).submissions.tried;
  calledBefore.set(chunk, before);
  const end = (await bringIntoQueue(ctx, chunk)) ?? (await settleJob(ctx, chunk));
  if (end === null) {
    settled.add(chunk);
    feeder.delay = ROOM_AGAIN;
    return 'fed';
  }
  const next = afterVain(end, {
    ...{ chunk, others: hasOthers(ctx, chunk), othersRun: othersRun(viewOf(ctx), feeder.toRun, chunk, isOver) },
    ...{ calls: chunkOf(ctx, chunk).submissions.tried - before, before: feeder.inVain, nowMs: monotonicMs() },
  });
  if (next.kind === 'end') return end;
  if (next.kind === 'full') return waitsForRoom(feeder);
  if (next.kind === 'again') return triesAgain(feeder, next);
  const { code, message } = next;
  ctx.journal.append('submit', 'chunk.given_up', { chunk, code, message });
  ctx.emit({ type: 'note', message: `The rest of the tasks is not submitted: ${message}` });
  return 'fed';
}

function triesAgain(feeder: Feeder, next: Extract<AfterVain, { kind: 'again' }>): 'idle' {
  const isFirst = feeder.inVain?.chunk !== next.inVain.chunk;
  feeder.inVain = next.inVain;
  feeder.nextMs = next.atMs;
  if (isFirst)
    feeder.ctx.emit({ type: 'note', message: `The next tasks are submitted later, and the others go on. ${next.why}` });
  return 'idle';
}

/** The largest array that the site takes: asked once, and then in the plan of the first chunk. */
async function askLargest(ctx: RunContext): Promise<number | StepEnd> {
  const began = monotonicMs();
  for (let delay = AWAY; ; delay = grown(delay)) {
    const result = await ask(ctx, configArgv());
    keepAnswer(ctx, 'scontrol.limits.txt', result);
    const most = largestArray(result);
    noteRead(ctx, 'submit', { command: 'scontrol', answer: most === null ? 'no limits' : `arrays of at most ${most}` });
    if (most !== null) return most;
    const left = leaving(ctx, 'Nothing is in the queue.');
    if (left !== null) return left;
    if (monotonicMs() - began > PATIENCE_MS) return controllerAway('Nothing is in the queue.');
    await sleep(delay.ms, ctx.control.signal);
  }
}

function noArrays(): StepFailed {
  const message = 'The site takes no job arrays: MaxArraySize or max_array_tasks is 0.';
  const hint = 'Launch the tasks one by one as runs of their own, or ask the site.';
  return { kind: 'failed', code: 'slurm.refused', retryable: false, message, hint };
}

/**
 * How many elements the site would take now; null if none while others of ours are there. The answer comes at once, and
 * `sbatch` itself would wait two minutes for room.
 */
async function roomFor(ctx: RunContext, wanted: number): Promise<number | null> {
  const alone = viewOf(ctx).chunks.every(({ job }) => job === null);
  for (let elements = wanted, asked = 1; ; elements = Math.ceil(elements / 2), asked += 1) {
    const room = await testRoom(ctx, elements);
    if (room.kind !== 'full') return elements;
    if (elements === 1) return alone ? 1 : null;
    // With arrays of ours in the queue, there will be more room soon.
    if (!alone && asked > 1) return null;
  }
}

async function testRoom(ctx: RunContext, elements: number): Promise<ArrayRoom> {
  const site = siteOfRun(ctx);
  ctx.lease.assertHeld();
  const result = await site.transport.run(testArrayArgv(site.root, site.cluster, elements), {
    timeoutMs: CHECK_MS,
    environment: submitEnvironment({}),
    stdin: viewOf(ctx).opened.documents.script,
  });
  keepAnswer(ctx, 'sbatch.test.txt', result);
  const room = judgeRoom(result);
  const chunk = chunkOf(ctx).plan === null ? 0 : viewOf(ctx).chunks.length;
  noteRead(ctx, 'submit', {
    command: 'sbatch',
    answer: `room for ${elements} elements of array ${chunk}: ${room.words}`,
  });
  return room;
}
