import { type Failure, failureOf } from '../../errors/failure.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { countsBy } from '../../records/tasks/task-summary.ts';
import { peekRun } from '../../run/session.ts';
import { newsOf } from '../../sites/news.ts';
import { flag, maybeText } from '../check-options.ts';
import { findRun } from '../find-run.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import { partsOfRun } from '../run-result.ts';
import { driverOf } from '../status.ts';
import { chooseTasks } from '../tasks/choose-tasks.ts';
import { measuredTasks } from '../tasks/measured-tasks.ts';
import { readUnmeasuredTasks, type RunWithTasks } from '../tasks/read-tasks.ts';
import type { TaskRow, UnmeasuredTask } from '../tasks/task-row.ts';
import { withoutTasks } from '../tasks/which-task.ts';
import type { Verb } from '../verb.ts';

export type { TaskRow } from '../tasks/task-row.ts';

export interface TaskListOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
  /** Only tasks that ended and did not complete. Default: false. */
  readonly failed?: boolean;
  /** A metric, a parameter or a column: the primary metric best first, the others upwards; `-` before it reverses. Default: null, by index. */
  readonly sort?: string | null;
}

export interface TaskListResult extends VerbResult {
  readonly tasks?: readonly TaskRow[];
  /** Of all tasks, also those that are not listed: state → number. */
  readonly by_state?: Readonly<Record<string, number>>;
  /** In the order of the design. */
  readonly parameters?: readonly string[];
}

const NAME = 'tasks';

export const listTasks: Verb<TaskListOptions> = {
  name: NAME,
  options: { run: maybeText, failed: flag, sort: maybeText },
  perform: async ({ root }, { run: name = null, failed = false, sort = null }) => {
    const found = findRun(root, name);
    if (!found.ok) return resultOfFailure(NAME, found.failure);
    const peek = peekRun(root, found.value);
    const named = { run_id: found.value.runId, iteration_id: found.value.iterationId };
    if (peek.kind === 'corrupt') return resultOfFailure(NAME, peek.failure, named);
    if (peek.kind === 'unopened') return resultOfFailure(NAME, notOpened(found.value.runId), named);
    const parts = partsOfRun(peek.view);
    const order = peek.view.opened.tasks;
    if (order === undefined) return resultOfFailure(NAME, withoutTasks(found.value.runId), parts);
    // Without a driver nobody else fetches what is new on the remote host.
    if (peek.view.closed === null && driverOf(root) === 'nobody') await newsOf(peek.view.opened)?.(root, peek.view);
    const read = readUnmeasuredTasks(peek, order);
    if (!read.ok) return resultOfFailure(NAME, read.failure, parts);
    const chosen = chooseTasks(measuredTasks(root, peek, read.value), { failed, sort });
    if (!chosen.ok) return resultOfFailure(NAME, chosen.failure, parts);
    const byState = countsBy(read.value, ({ state }) => state);
    const details = {
      tasks: chosen.value,
      by_state: byState,
      parameters: order.parameters.map((parameter) => parameter.name),
    } satisfies Partial<TaskListResult>;
    return succeed(
      NAME,
      { message: wordsOf(byState, order.count), hint: hintOf(peek, read.value) },
      { ...parts, details },
    );
  },
};

/** Such as `16 tasks: 12 completed, 4 failed.` */
function wordsOf(byState: Readonly<Record<string, number>>, count: number): string {
  const states = Object.entries(byState).map(([state, number]) => `${number} ${state.replaceAll('_', ' ')}`);
  return `${count} tasks: ${states.join(', ')}.`;
}

function hintOf({ view }: RunWithTasks, tasks: readonly UnmeasuredTask[]): string {
  const failed = tasks.find(({ state }) => state === 'failed');
  if (failed === undefined) return '';
  return `Read the log of one: ${quoteArgv(['autolab', 'logs', view.opened.run_id, '--task', String(failed.index)])}`;
}

function notOpened(runId: string): Failure {
  return failureOf('run.not_found', {
    message: `Nothing of the run ${runId} was recorded yet.`,
    hint: 'Continue: autolab launch',
  });
}
