import type { Code } from '../../../errors/catalog.ts';
import {
  COMPLETED,
  type EndVerdict,
  taskCancelled,
  taskEndUnknown,
  taskNotStarted,
} from '../../../records/tasks/end-verdicts.ts';
import type { TaskEnd } from '../../../records/tasks/task-end.ts';
import type { TaskExit } from '../../../records/tasks/task-receipt.ts';
import { measuredBy, startsOf } from '../../../records/tasks/task-starts.ts';

/** How the tasks of a local run ended, from what its supervisor left of each. Pure. */

export interface LeftOfTask {
  readonly index: number;
  readonly claimed: boolean;
  /** The command may have been started. */
  readonly started: boolean;
  /** Somebody asked for its end. */
  readonly cancelled: boolean;
  readonly exit: TaskExit | null;
}

export interface EndsContext {
  readonly node: string;
  readonly timeLimitSeconds: number | null;
  /** The user cancelled the run, and the supervisor obeyed. */
  readonly runCancelled: boolean;
  /** What keeps tasks from being begun; null if nothing does. */
  readonly stopped: 'max_failures' | 'cancelled' | null;
  /** The supervisor ended without a receipt. */
  readonly lost: boolean;
}

export function taskEnds(facts: readonly LeftOfTask[], context: EndsContext): readonly TaskEnd[] {
  return facts.map((one) => taskEnd(one, context));
}

function taskEnd(facts: LeftOfTask, context: EndsContext): TaskEnd {
  const { index, claimed, exit } = facts;
  const verdict = exit === null ? withoutExit(facts, context) : judged(exit, facts.cancelled, context);
  const starts = startsOf({ claims: claimed ? 1 : 0, exit, started: facts.started, startedAttempt: null });
  return {
    ...{ index, ...verdict, attempts: starts },
    ...{ owner: claimed ? 'local' : null, node: claimed ? context.node : null },
    ...measuredBy(exit),
  };
}

function withoutExit(
  { claimed, started, cancelled }: LeftOfTask,
  { stopped, runCancelled, lost }: EndsContext,
): EndVerdict {
  if (claimed && !(cancelled && !started)) return taskEndUnknown('The task began, and nothing says how it ended.');
  if (cancelled || runCancelled) return taskCancelled('The task was cancelled before it began.');
  return taskNotStarted(`The task was not started: ${whyNot(stopped, lost)}.`);
}

function whyNot(stopped: EndsContext['stopped'], lost: boolean): string {
  if (stopped === 'max_failures') return 'so many others had failed (tasks.max_failures)';
  if (stopped === 'cancelled') return 'the run was stopped before';
  return lost ? 'the supervisor of the run was gone before' : 'no worker was left to start it';
}

function judged(exit: TaskExit, cancelled: boolean, { timeLimitSeconds, runCancelled }: EndsContext): EndVerdict {
  const failed = (code: Code, message: string): EndVerdict => ({ state: 'failed', code, message });
  if (exit.start_error !== null)
    return failed('local.start_failed', `The task could not be started: ${exit.start_error}.`);
  if (exit.ended_by === 'request' && !cancelled && !runCancelled) return terminated(exit);
  if (exit.ended_by === 'request') return withdrawnTask(exit);
  if (exit.ended_by === 'time_limit')
    return failed('local.timeout', `The task reached its limit of ${String(timeLimitSeconds)} s and was stopped.`);
  if (exit.oom === true) return failed('local.out_of_memory', `The task ended with ${endWords(exit)}: out of memory.`);
  if (exit.signal !== null) return failed('local.signal', `The task was ended by ${exit.signal}.`);
  if (exit.exit_code === 0) return COMPLETED;
  return failed('local.failed', `The task ended with exit code ${String(exit.exit_code)}.`);
}

function withdrawnTask({ started_at: startedAt }: TaskExit): EndVerdict {
  const when = startedAt === null ? ' before it began' : '';
  return taskCancelled(`The task was cancelled${when}.`);
}

function terminated({ started_at: startedAt }: TaskExit): EndVerdict {
  if (startedAt === null) return taskNotStarted('The run was stopped before the task began.');
  const message = 'A signal stopped the supervisor, which ended the task.';
  return { state: 'failed', code: 'local.terminated', message };
}

function endWords({ exit_code: code, signal }: TaskExit): string {
  return signal ?? `exit code ${String(code)}`;
}
