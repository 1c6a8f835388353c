import { type RunContext, viewOf } from '../../../run/context.ts';
import { whyNoAnswer } from '../../../schedulers/slurm/answer.ts';
import {
  type ElementEnds,
  elementsArgv,
  judgeElements,
  rememberedElements,
} from '../../../schedulers/slurm/arrays/element-rows.ts';
import { showJobArgv, showJobsArgv } from '../../../schedulers/slurm/scontrol.ts';
import { jobNameOf, keyOf } from '../order.ts';
import { ask, keepAnswer, noteRead } from '../scheduler.ts';
import { elementOfTask } from './chunks.ts';
import { holderOf } from './start-of-row.ts';
import type { TaskOnSlurm } from './tasks-on-slurm.ts';

/** One question for the ends of all elements: to accounting, or to the controller of a cluster without it. */

export type SaidOfEnds =
  /** `more`: elements that decide about a task have no end yet. */
  | { readonly kind: 'rows'; readonly ends: ElementEnds; readonly more: boolean }
  | { readonly kind: 'off' | 'no_answer'; readonly words: string };

export async function askBooks(ctx: RunContext, tasks: readonly TaskOnSlurm[]): Promise<SaidOfEnds> {
  const result = await ask(ctx, elementsArgv(arraysOf(ctx, tasks)));
  keepAnswer(ctx, 'sacct.txt', result);
  const answer = judgeElements(result, namesOf(ctx));
  noteRead(ctx, 'confirm', { command: 'sacct', answer: answer.words });
  if (answer.kind !== 'rows') return { kind: answer.kind, words: `sacct: ${answer.words}` };
  return { kind: 'rows', ends: answer.ends, more: missingIn(ctx, tasks, answer.ends) };
}

/** What the controller has not forgotten yet. */
export async function askMemory(ctx: RunContext, tasks: readonly TaskOnSlurm[]): Promise<SaidOfEnds> {
  const [first = '', ...others] = arraysOf(ctx, tasks);
  const result = await ask(ctx, others.length === 0 ? showJobArgv(first) : showJobsArgv());
  keepAnswer(ctx, 'scontrol.txt', result);
  const found = rememberedElements(result, namesOf(ctx));
  const words = found === null ? `no answer (${whyNoAnswer(result)})` : `${found.ends.ended.size} elements have ended`;
  noteRead(ctx, 'confirm', { command: 'scontrol', answer: words });
  return found === null
    ? { kind: 'no_answer', words: `Accounting is off; scontrol: ${words}` }
    : { kind: 'rows', ...found };
}

function arraysOf(ctx: RunContext, tasks: readonly TaskOnSlurm[]): readonly string[] {
  const ours = viewOf(ctx).chunks.flatMap(({ job }) => (job === null ? [] : [job.job_id]));
  // A copy of an array may hold claims: the names say that it is one.
  const claimed = tasks.flatMap(({ claim }) => claim?.array_job_id ?? []).filter((id) => /^[1-9]\d{0,18}$/.test(id));
  return [...new Set([...ours, ...claimed])];
}

function namesOf(ctx: RunContext): readonly string[] {
  return viewOf(ctx).chunks.flatMap(({ index }) => [keyOf(ctx, index), jobNameOf(ctx, index)]);
}

/** Whether accounting does not have the end of an element yet that decides about a task. */
function missingIn(ctx: RunContext, tasks: readonly TaskOnSlurm[], { ended, cancelled }: ElementEnds): boolean {
  const view = viewOf(ctx);
  const isOff = view.stopped !== null || view.cancel !== null;
  return tasks.some((task, index) => {
    if (task.attempts > 0) {
      const holder = holderOf(task);
      return holder !== null && !ended.has(holder);
    }
    const element = elementOfTask(view, index);
    if (element === null || task.cancelled || isOff) return false;
    return !ended.has(`${element.arrayId}_${element.element}`) && !cancelled.has(element.arrayId);
  });
}
