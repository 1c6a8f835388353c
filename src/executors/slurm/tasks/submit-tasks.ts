import { makeFolder } from '../../../platform/files.ts';
import { taskPaths } from '../../../records/tasks/task-files.ts';
import { cancelRequest, noteCancel } from '../../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../../run/context.ts';
import type { StepEnd } from '../../../run/step.ts';
import { feed, newFeeder } from './feed.ts';
import { TaskNews } from './task-news.ts';

/**
 * Submits as many arrays as have room now: `wait` submits the rest. Returns null if the first one is in the queue.
 */
export async function submitTasks(ctx: RunContext): Promise<StepEnd | null> {
  makeFolder(taskPaths(ctx.paths).receipts);
  const feeder = newFeeder(ctx);
  const news = new TaskNews(ctx);
  for (;;) {
    const by = cancelRequest(ctx);
    if (by !== null && viewOf(ctx).chunks[0].plan === null) return cancelledBefore(ctx, by);
    const fed = await feed(feeder, news.look().isOver);
    if (fed === 'idle') return null;
    if (fed !== 'fed') return fed;
  }
}

function cancelledBefore(ctx: RunContext, by: string): StepEnd {
  noteCancel(ctx, 'submit', by);
  const message = 'The run was cancelled before a job was submitted.';
  return { kind: 'failed', code: 'run.cancelled', retryable: false, message };
}
