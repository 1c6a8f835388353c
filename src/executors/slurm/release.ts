import { crashPoint } from '../../platform/crash-points.ts';
import { monotonicMs, now, sleep } from '../../platform/time.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import type { StepPaused } from '../../run/step.ts';
import { judgeHeldArray } from '../../schedulers/slurm/arrays/array-held.ts';
import { askableFrom, delayWhileAway, readsLeft } from '../../schedulers/slurm/polling.ts';
import { type Held, judgeHeld, releaseArgv, showJobArgv } from '../../schedulers/slurm/scontrol.ts';
import { controllerAway, leaving, msUntilLeaving, patienceMs } from './leaving.ts';
import { chunkOf, marksOfJob, ofChunk, orderOf } from './order.ts';
import { noteOrder } from './orders.ts';
import { ask, keepAnswer, noteRead, type SlurmReply } from './scheduler.ts';
import { takeShown } from './shown-job.ts';

/** A held job is checked once, and then released. */

const PATIENCE_MS = 120_000;
const STANDING = 'The job is in the queue, held.';
const SENT = 'The job was released; whether it started is unknown.';

export type HoldCheck =
  { readonly kind: 'ok'; readonly release: boolean } | { readonly kind: 'paused'; readonly end: StepPaused };

/** Whether to release the job: not if the site released it already, and not if an administrator holds it. */
export async function holdCheck(ctx: RunContext, jobId: string, chunk = 0): Promise<HoldCheck> {
  const { hold } = orderOf(ctx);
  if (!hold) return { kind: 'ok', release: false };
  const began = monotonicMs();
  for (let asked = 0; ; asked += 1) {
    const result = await showJob(ctx, jobId);
    keepAnswer(ctx, 'scontrol.held.txt', result);
    const held = judgeHold(ctx, result, { ...marksOfJob(ctx, chunk), jobId });
    noteRead(ctx, 'submit', { command: 'scontrol', answer: held.words });
    switch (held.kind) {
      case 'held':
        return { kind: 'ok', release: true };
      case 'held_by_admin':
        ctx.emit({
          type: 'note',
          message: `Job ${jobId} is held by the site (${held.words}); it starts when the site releases it.`,
        });
        return { kind: 'ok', release: false };
      case 'gone':
        return { kind: 'ok', release: false };
      case 'other_job':
        ctx.emit({ type: 'note', message: `The controller lost our job: ${held.words}. autolab does not change it.` });
        return { kind: 'ok', release: false };
      case 'not_held':
      case 'renamed':
        if (chunkOf(ctx, chunk).job?.releasing !== true) noteIgnored(ctx, jobId, chunk, held);
        return { kind: 'ok', release: held.kind === 'renamed' && held.held };
      case 'no_answer': {
        const end = await beforeNext(ctx, chunk, asked, began);
        if (end !== null) return { kind: 'paused', end };
      }
    }
  }
}

async function showJob(ctx: RunContext, jobId: string): Promise<SlurmReply> {
  return takeShown(ctx, jobId) ?? (await ask(ctx, showJobArgv(jobId)));
}

function judgeHold(ctx: RunContext, ...told: Parameters<typeof judgeHeld>): Held {
  return viewOf(ctx).opened.tasks === undefined ? judgeHeld(...told) : judgeHeldArray(...told);
}

/** The site let it start, or renamed it, unless we released it ourselves, and a crash came before we could write that down. */
function noteIgnored(
  ctx: RunContext,
  jobId: string,
  chunk: number,
  held: Extract<Held, { readonly kind: 'not_held' | 'renamed' }>,
): void {
  const name = held.kind === 'renamed' ? held.name : null;
  ctx.journal.append('submit', 'submit.hold_ignored', { words: held.words, name, ...ofChunk(ctx, chunk) });
  ctx.emit({
    type: 'note',
    message: `The site changed job ${jobId}: ${held.words}. autolab will not submit it again.`,
  });
}

/**
 * Returns null if it is released, has ended, or is not ours to release. It was checked a moment ago: `scontrol` uses
 * only the id. It answers 0 while the job is pending or runs, 1 after its end.
 */
export async function releaseJob(ctx: RunContext, jobId: string, chunk = 0): Promise<StepPaused | null> {
  ctx.journal.append('submit', 'job.releasing', ofChunk(ctx, chunk));
  const began = monotonicMs();
  for (let asked = 0; ; asked += 1) {
    ctx.lease.assertHeld();
    const result = await ask(ctx, releaseArgv(jobId));
    crashPoint('submit.released');
    keepAnswer(ctx, 'scontrol.release.txt', result);
    // Without an answer it may be executed later: ask for the state; a second release is harmless.
    if (noteOrder(ctx, 'submit', { order: 'release', jobId }, result) === 'done') {
      ctx.journal.append('submit', 'job.released', ofChunk(ctx, chunk));
      return null;
    }
    const check = await holdCheck(ctx, jobId, chunk);
    if (check.kind === 'paused') return check.end;
    if (!check.release) {
      // Slurm answers 1 once an element has ended, and has released the rest.
      if (viewOf(ctx).opened.tasks !== undefined) ctx.journal.append('submit', 'job.released', ofChunk(ctx, chunk));
      return null;
    }
    const end = await beforeNext(ctx, chunk, asked, began);
    if (end !== null) return end;
  }
}

/** Waits, longer each time. Returns why the driver leaves instead, or null. */
async function beforeNext(ctx: RunContext, chunk: number, asked: number, began: number): Promise<StepPaused | null> {
  const delay = delayWhileAway(asked, readsLeft(viewOf(ctx).reads, now()));
  const patient = delay !== null && monotonicMs() - began <= patienceMs(ctx, chunk, PATIENCE_MS);
  const standing = chunkOf(ctx, chunk).job?.releasing === true ? SENT : STANDING;
  const left = leaving(ctx, standing);
  if (left !== null || !patient) return left ?? controllerAway(standing);
  await sleep(Math.min(delay * 1000, msUntilLeaving(ctx)), ctx.control.signal);
  return null;
}

/** A driver that finds the job submitted and this hour's questions used up asks none. Returns null if it may ask. */
export function askedEnough(ctx: RunContext): StepPaused | null {
  const { job, reads } = viewOf(ctx);
  const from = job === null || job.released ? null : askableFrom(reads, now());
  if (from === null) return null;
  return {
    kind: 'paused',
    code: 'slurm.unreachable',
    message: `The Slurm controller did not answer, and autolab may not ask it again within this hour. ${job?.releasing === true ? SENT : STANDING}`,
    hint: `Nothing was repeated; run the command again after ${from}.`,
  };
}
