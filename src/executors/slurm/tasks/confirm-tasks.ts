import { growingDelay, grown } from '../../../platform/growing-delay.ts';
import { monotonicMs, now, sleep } from '../../../platform/time.ts';
import type { ConfirmResult } from '../../../records/step-results.ts';
import { type RunContext, viewOf } from '../../../run/context.ts';
import { readReceipt } from '../../../run/receipts.ts';
import type { StepEnd, StepPaused } from '../../../run/step.ts';
import { adviceOnTasks } from '../../../run/tasks/advice.ts';
import { writeTaskEnds } from '../../../run/tasks/ends.ts';
import { takenOverTasks, withTakenOver } from '../../../run/tasks/reuse.ts';
import { judgeTasks } from '../../../run/tasks/verdict.ts';
import { changedFiles, changedInputs } from '../../../schedulers/code-changed.ts';
import { CODE_CHANGED_FILE, INPUTS_CHANGED_FILE } from '../../../schedulers/receipt-files.ts';
import {
  type ElementEnds,
  elementsArgv,
  judgeElements,
  rememberedElements,
} from '../../../schedulers/slurm/arrays/element-rows.ts';
import { KEPT_FOR_STRAYS, readsLeft } from '../../../schedulers/slurm/polling.ts';
import { showJobArgv } from '../../../schedulers/slurm/scontrol.ts';
import { refresh } from '../../../sites/table.ts';
import { takeClaim } from '../fence.ts';
import { leaving, msUntilLeaving } from '../leaving.ts';
import { jobNameOf, keyOf, orderOf } from '../order.ts';
import { otherCluster } from '../same-cluster.ts';
import { ask, keepAnswer, noteRead } from '../scheduler.ts';
import { cancelStrays } from '../strays.ts';
import { elementOfTask, neverSubmitted } from './chunks.ts';
import { confirmedEnd } from './confirmed-end.ts';
import { type EndFacts, endsOfElements } from './element-ends.ts';
import { holderOf } from './start-of-row.ts';
import { readTasksOnSlurm, type TaskOnSlurm, tasksOrderOf } from './tasks-on-slurm.ts';
import { watchingReads } from './wait-for-tasks.ts';

/**
 * How all tasks ended, by one question to accounting for all arrays, repeated while its rows lag. Then autolab takes the run's
 * claim, so that nothing begins any more, and looks at the receipts once more.
 */

const FIRST_DELAY = growingDelay(1_000, 60_000);

export async function confirmTasks(ctx: RunContext): Promise<StepEnd> {
  const strange = await otherCluster(ctx, 'confirm');
  if (strange !== null) return strange;
  const deadlineMs = monotonicMs() + orderOf(ctx).confirm_timeout_seconds * 1000;
  for (let delay = FIRST_DELAY; ; delay = grown(delay)) {
    const lost = await refresh(ctx);
    if (lost !== null) return hostAway(lost.words);
    const tasks = readTasksOnSlurm(ctx);
    const known = await askEnds(ctx, tasks);
    const over = known.kind === 'off' || monotonicMs() > deadlineMs || !mayAsk(ctx);
    const missing = known.kind === 'rows' ? missingIn(ctx, tasks, known.ends) : null;
    if (missing === 0 || (over && known.kind !== 'no_answer')) {
      const ends = known.kind === 'rows' ? known.ends : await remembered(ctx);
      const end = await record(ctx, tasks, ends, over);
      if (end !== 'again') return end;
    } else if (over) return undetermined(known.words);
    const left = leaving(ctx, 'The end of the tasks is not confirmed yet.');
    if (left !== null) return left;
    await sleep(
      Math.min(delay.ms, Math.max(1, deadlineMs - monotonicMs() + 1), msUntilLeaving(ctx)),
      ctx.control.signal,
    );
  }
}

function mayAsk(ctx: RunContext): boolean {
  return readsLeft(watchingReads(ctx), now()) > KEPT_FOR_STRAYS;
}

type Known =
  | { readonly kind: 'rows'; readonly ends: ElementEnds; readonly words: string }
  | { readonly kind: 'off' | 'no_answer'; readonly words: string };

async function askEnds(ctx: RunContext, tasks: readonly TaskOnSlurm[]): Promise<Known> {
  const { chunks } = viewOf(ctx);
  const ours = chunks.flatMap(({ job }) => (job === null ? [] : [job.job_id]));
  // A copy of an array may hold claims: the names say that it is one.
  const claimed = tasks.flatMap(({ claim }) => claim?.array_job_id ?? []).filter((id) => /^[1-9]\d{0,18}$/.test(id));
  const result = await ask(ctx, elementsArgv([...new Set([...ours, ...claimed])]));
  keepAnswer(ctx, 'sacct.txt', result);
  const answer = judgeElements(result, namesOf(ctx));
  noteRead(ctx, 'confirm', { command: 'sacct', answer: answer.words });
  return answer;
}

function namesOf(ctx: RunContext): readonly string[] {
  return viewOf(ctx).chunks.flatMap(({ index }) => [keyOf(ctx, index), jobNameOf(ctx, index)]);
}

/** Without accounting: what the controller has not forgotten yet. */
async function remembered(ctx: RunContext): Promise<ElementEnds> {
  const ended: [string, ElementEnds['ended'] extends ReadonlyMap<string, infer End> ? End : never][] = [];
  for (const { job } of viewOf(ctx).chunks) {
    if (job === null) continue;
    const result = await ask(ctx, showJobArgv(job.job_id));
    keepAnswer(ctx, 'scontrol.txt', result);
    const found = rememberedElements(result.stdout, namesOf(ctx)).ended;
    noteRead(ctx, 'confirm', {
      command: 'scontrol',
      answer: `${found.size} elements of array ${job.job_id} have ended`,
    });
    ended.push(...found);
  }
  return { source: 'scontrol', ended: new Map(ended), cancelled: new Map() };
}

/** Elements whose end accounting does not have yet, and that decide about a task. */
function missingIn(ctx: RunContext, tasks: readonly TaskOnSlurm[], { ended, cancelled }: ElementEnds): number {
  const view = viewOf(ctx);
  const isOff = view.stopped !== null || view.cancel !== null;
  return tasks.filter((task, index) => {
    if (task.attempts > 0) {
      const holder = holderOf(task);
      return holder !== null && !ended.has(holder);
    }
    const element = elementOfTask(view, index);
    if (element === null || task.cancelled || isOff) return false;
    return !ended.has(`${element.arrayId}_${element.element}`) && !cancelled.has(element.arrayId);
  }).length;
}

/** `again`: a task began meanwhile. */
async function record(
  ctx: RunContext,
  before: readonly TaskOnSlurm[],
  ends: ElementEnds,
  over: boolean,
): Promise<StepEnd | 'again'> {
  if ((await takeClaim(ctx)) === 'unknown') return hostAway('it does not say whether the run is closed to its jobs');
  const tasks = readTasksOnSlurm(ctx);
  const later = tasks.some(({ attempts }, index) => attempts > (before[index]?.attempts ?? 0));
  if (later && !over) return 'again';
  const taken = takenOverTasks(ctx.paths, tasksOrderOf(ctx));
  const endings = withTakenOver(endsOfElements(factsOf(ctx, tasks, ends)), taken);
  const { code, message } = judgeTasks(endings, viewOf(ctx).cancel !== null);
  const strays = await cancelStrays(ctx);
  const result: ConfirmResult = {
    // What others ran has cost this run nothing.
    ...confirmedEnd(
      endings.filter(({ index }) => !taken.has(index)),
      ends,
      strays,
    ),
    tasks: writeTaskEnds(ctx, endings),
  };
  const writes = [`${ctx.paths.relative}/logs/sacct.txt`, `${ctx.paths.relative}/receipt/task_ends.jsonl`];
  if (code === null) return { kind: 'done', message, writes, result };
  const recommendations = adviceOnTasks(ctx.paths, viewOf(ctx), endings);
  return { kind: 'failed', code, message, retryable: false, recommendations, writes, result };
}

function factsOf(ctx: RunContext, tasks: readonly TaskOnSlurm[], ends: ElementEnds): EndFacts {
  const view = viewOf(ctx);
  return {
    ...{ tasks, ends, stopped: view.stopped, runCancelled: view.cancel !== null },
    elementOf: (task) => {
      const found = elementOfTask(view, task);
      return found === null ? null : { id: `${found.arrayId}_${found.element}`, arrayId: found.arrayId };
    },
    notSubmitted: (task) => neverSubmitted(view, task),
    workers: tasksOrderOf(ctx).workers !== null,
    codeChanged: changedFiles(readReceipt(ctx.paths, CODE_CHANGED_FILE)),
    inputsChanged: changedInputs(readReceipt(ctx.paths, INPUTS_CHANGED_FILE)),
    timeLimitSeconds: view.opened.resource_request.time_seconds,
  };
}

function hostAway(words: string): StepPaused {
  const message = `The tasks have ended, and the launch host does not answer (${words}).`;
  return { kind: 'paused', code: 'remote.lost', message };
}

function undetermined(words: string): StepPaused {
  return {
    kind: 'paused',
    code: 'slurm.undetermined',
    message: `The tasks have left the queue, and how they ended is unknown. sacct: ${words}.`,
  };
}
