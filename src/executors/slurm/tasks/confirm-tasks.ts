import { growingDelay, grown } from '../../../platform/growing-delay.ts';
import { monotonicMs, now, sleep } from '../../../platform/time.ts';
import type { ConfirmResult } from '../../../records/step-results.ts';
import { type RunContext, viewOf } from '../../../run/context.ts';
import { readReceipt } from '../../../run/receipts.ts';
import { placeOfLine } from '../../../run/run-start.ts';
import type { StepEnd, StepPaused } from '../../../run/step.ts';
import { adviceOnTasks } from '../../../run/tasks/advice.ts';
import { writeTaskEnds } from '../../../run/tasks/ends.ts';
import { takenOverTasks, withTakenOver } from '../../../run/tasks/reuse.ts';
import { judgeTasks } from '../../../run/tasks/verdict.ts';
import { changedFiles, changedInputs } from '../../../schedulers/code-changed.ts';
import { CODE_CHANGED_FILE, INPUTS_CHANGED_FILE } from '../../../schedulers/receipt-files.ts';
import type { ElementEnds } from '../../../schedulers/slurm/arrays/element-rows.ts';
import { KEPT_FOR_STRAYS, readsLeft } from '../../../schedulers/slurm/polling.ts';
import { refresh } from '../../../sites/table.ts';
import { takeClaim } from '../fence.ts';
import { leaving, msUntilLeaving } from '../leaving.ts';
import { bootedAt } from '../lost-start.ts';
import { untilNodesReport } from '../nodes-report.ts';
import { orderOf } from '../order.ts';
import { otherCluster } from '../same-cluster.ts';
import { cancelStrays } from '../strays.ts';
import { askBooks, askMemory, type SaidOfEnds } from './ask-ends.ts';
import { elementOfTask, isReissued, neverSubmitted } from './chunks.ts';
import { confirmedEnd } from './confirmed-end.ts';
import { type EndFacts, endsOfElements } from './element-ends.ts';
import { readElementReceipts } from './element-receipts.ts';
import { dependsOnBoot, type UnknownStart, unknownStarts } from './start-of-row.ts';
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
  let hasBooks = true;
  for (let delay = FIRST_DELAY; ; delay = grown(delay)) {
    const lost = await refresh(ctx);
    if (lost !== null) return hostAway(lost.words);
    const tasks = readTasksOnSlurm(ctx);
    const said: SaidOfEnds = hasBooks ? await askBooks(ctx, tasks) : await askMemory(ctx, tasks);
    hasBooks &&= said.kind !== 'off';
    const over = monotonicMs() > deadlineMs || !mayAsk(ctx);
    if (said.kind === 'rows' && (over || !said.more)) {
      const end = await record(ctx, tasks, said.ends, over);
      if (end !== 'again') return end;
    } else if (over && said.kind === 'no_answer') return undetermined(said.words);
    if (said.kind === 'off') continue;
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

/** `again`: a task began meanwhile. */
async function record(
  ctx: RunContext,
  before: readonly TaskOnSlurm[],
  rows: ElementEnds,
  over: boolean,
): Promise<StepEnd | 'again'> {
  if ((await takeClaim(ctx)) === 'unknown') return hostAway('it does not say whether the run is closed to its jobs');
  const tasks = readTasksOnSlurm(ctx);
  const later = tasks.some(({ attempts }, index) => attempts > (before[index]?.attempts ?? 0));
  if (later && !over) return 'again';
  const ends = dependsOnBoot(tasks, rows) ? { ...rows, bootedAt: await bootedAt(ctx, 'confirm') } : rows;
  const reports = await reportsOnUnknown(ctx, unknownStarts(tasks, ends));
  if ('kind' in reports) return reports;
  const taken = takenOverTasks(ctx.paths, tasksOrderOf(ctx));
  const endings = withTakenOver(endsOfElements(factsOf(ctx, tasks, ends)), taken);
  const { code, message } = judgeTasks(endings, viewOf(ctx).cancel !== null);
  const strays = await cancelStrays(ctx);
  const result: ConfirmResult = {
    // What others ran has cost this run nothing.
    ...confirmedEnd(
      endings.filter(({ index }) => !taken.has(index)),
      ends,
      [...reports, ...strays],
    ),
    tasks: writeTaskEnds(ctx, endings),
  };
  const writes = [`${ctx.paths.relative}/logs/sacct.txt`, `${ctx.paths.relative}/receipt/task_ends.jsonl`];
  if (code === null) return { kind: 'done', message, writes, result };
  const recommendations = adviceOnTasks(ctx.paths, viewOf(ctx), endings);
  return { kind: 'failed', code, message, retryable: false, recommendations, writes, result };
}

/** What became of them is said only when nothing of them can run any more. */
async function reportsOnUnknown(
  ctx: RunContext,
  starts: readonly UnknownStart[],
): Promise<readonly string[] | StepPaused> {
  const [first, ...others] = starts;
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : `, as of ${others.length} more tasks`;
  const fear = `Slurm has no record of the start of task ${first.task} at ${first.claimedAt} on ${first.node} (${first.why})${more}, and that start may still run`;
  return untilNodesReport(ctx, [...new Set(starts.map(({ node }) => node))], fear);
}

/** No row is of it. */
const NOT_KNOWN = { id: '', arrayId: '' };

function factsOf(ctx: RunContext, tasks: readonly TaskOnSlurm[], ends: ElementEnds): EndFacts {
  const view = viewOf(ctx);
  return {
    ...{ tasks, ends, stopped: view.stopped, runCancelled: view.cancel !== null },
    elementOf: (task) => {
      const found = elementOfTask(view, task);
      if (found === null) return null;
      const { chunk, arrayId, element } = found;
      return isReissued(view, chunk) ? NOT_KNOWN : { id: `${arrayId}_${element}`, arrayId };
    },
    notSubmitted: (task) => neverSubmitted(view, task),
    workers: tasksOrderOf(ctx).workers !== null,
    codeChanged: changedFiles(readReceipt(ctx.paths, CODE_CHANGED_FILE)),
    inputsChanged: changedInputs(readReceipt(ctx.paths, INPUTS_CHANGED_FILE)),
    timeLimitSeconds: view.opened.resource_request.time_seconds,
    receipts: readElementReceipts(ctx.paths),
    placeOf: (line) => placeOfLine(view.opened, line, null),
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
    message: `The tasks have left the queue, and how they ended is unknown. ${words}.`,
  };
}
