import type { Code } from '../../../errors/catalog.ts';
import type { StopReason } from '../../../records/journal-events.ts';
import type { TaskEnd, TaskEndState } from '../../../records/tasks/task-end.ts';
import type { TaskExit } from '../../../records/tasks/task-receipt.ts';
import type { ElementEnds, ElementRow } from '../../../schedulers/slurm/arrays/element-rows.ts';
import type { EndContext } from '../../../schedulers/slurm/end-context.ts';
import { judgeEnd } from '../../../schedulers/slurm/judge.ts';
import type { JobClaim } from '../../../schedulers/slurm/receipt.ts';
import { secondStart } from '../../../schedulers/slurm/second-start.ts';
import { signalOfStatus } from '../../../schedulers/slurm/signals.ts';
import type { TaskOnSlurm } from './tasks-on-slurm.ts';

/**
 * How every task ended: by its claim, the receipt of its own end, and Slurm's row for the element that holds the claim. Of two
 * copies of an array, each may hold some claims. Pure.
 */

export interface EndFacts {
  readonly tasks: readonly TaskOnSlurm[];
  readonly ends: ElementEnds;
  /** The element that a task was submitted as, such as `12_3`; null if none was, and with workers. */
  readonly elementOf: (task: number) => { readonly id: string; readonly arrayId: string } | null;
  /** Why the array of a task was not submitted, or cannot start; null if that is not so. */
  readonly notSubmitted: (task: number) => { readonly code: Code; readonly message: string } | null;
  readonly workers: boolean;
  readonly stopped: StopReason | null;
  readonly runCancelled: boolean;
  readonly codeChanged: readonly string[] | null;
  readonly inputsChanged: readonly string[] | null;
  readonly timeLimitSeconds: number | null;
}

export function endsOfElements(facts: EndFacts): readonly TaskEnd[] {
  return facts.tasks.map((task, index) => endOf(facts, task, index));
}

function endOf(facts: EndFacts, task: TaskOnSlurm, index: number): TaskEnd {
  const { claim, exit } = task;
  if (task.attempts === 0) return { ...recordOf(index, task, null), ...unbegun(facts, task, index) };
  const row = claim === null ? null : rowOf(facts, task);
  return {
    ...recordOf(index, task, row),
    ...(exit === null ? inFlight(facts, task, row) : ended(facts, task, exit, row)),
  };
}

type Verdict = Pick<TaskEnd, 'state' | 'code' | 'message'>;

function verdict(state: TaskEndState, code: Code | null, message: string | null): Verdict {
  return { state, code, message };
}

/** The element that holds a task's claim, such as `12_3`; null if the claim does not say. */
export function holderOf({ claim }: TaskOnSlurm): string | null {
  const { array_job_id: array, array_task_id: element } = claim ?? {};
  return array === undefined || element === undefined ? null : `${array}_${element}`;
}

function rowOf({ ends }: EndFacts, task: TaskOnSlurm): ElementRow | null {
  const row = ends.ended.get(holderOf(task) ?? '') ?? null;
  const restarts = task.claim?.restart_count ?? 0;
  return row === null ? null : { ...row, restarts };
}

function recordOf(index: number, task: TaskOnSlurm, row: ElementRow | null): TaskEnd {
  const { claim, exit, attempts } = task;
  return {
    ...{ index, state: 'end_unknown', code: null, message: null, attempts },
    owner: holderOf(task),
    node: claim?.node ?? null,
    ...(exit === null ? withoutReceipt(task, row) : measuredBy(exit)),
  };
}

type Measured = Omit<TaskEnd, 'index' | 'state' | 'code' | 'message' | 'attempts' | 'owner' | 'node'>;

function measuredBy(exit: TaskExit): Measured {
  const { exit_code, signal, started_at, ended_at, wall_seconds, cpu_seconds, max_rss_bytes } = exit;
  return { exit_code, signal, started_at, ended_at, wall_seconds, cpu_seconds, max_rss_bytes };
}

function withoutReceipt({ claim, started }: TaskOnSlurm, row: ElementRow | null): Measured {
  return {
    ...{ exit_code: null, signal: null, cpu_seconds: null, max_rss_bytes: null },
    started_at: started ? (claim?.claimed_at ?? null) : null,
    ended_at: row?.endedAt ?? null,
    wall_seconds: started ? (row?.elapsedSeconds ?? null) : null,
  };
}

const STOPPED = verdict(
  'not_started',
  'tasks.not_started',
  'Too many tasks had failed before it began (max_failures).',
);

/** Nobody claimed it, and nobody can any more. */
function unbegun(facts: EndFacts, { cancelled }: TaskOnSlurm, index: number): Verdict {
  const { stopped } = facts;
  if (cancelled || facts.runCancelled || stopped === 'cancelled')
    return verdict('cancelled', 'run.cancelled', 'It was cancelled before it began.');
  if (stopped === 'max_failures') return STOPPED;
  const never = facts.notSubmitted(index);
  if (never !== null) return verdict('not_started', never.code, never.message);
  if (facts.workers) return verdict('not_started', 'tasks.not_started', 'The workers ended before it was its turn.');
  const element = facts.elementOf(index);
  if (element === null) return verdict('not_started', 'tasks.not_started', 'It was not submitted.');
  return unbegunElement(facts, element);
}

function unbegunElement(facts: EndFacts, { id, arrayId }: { readonly id: string; readonly arrayId: string }): Verdict {
  const { ended, cancelled } = facts.ends;
  const row = ended.get(id) ?? null;
  if (row !== null && !isRefusedByFence(row)) {
    const { code, message } = judgeEnd(row, contextOf(facts, null, false));
    if (code !== null) return verdict(code === 'slurm.cancelled' ? 'cancelled' : 'not_started', code, inWords(message));
  }
  if (row !== null) return verdict('not_started', 'tasks.not_started', 'Its job ended before it began.');
  if (cancelled.has(arrayId))
    return verdict('cancelled', 'slurm.cancelled', 'Its job was cancelled before it began, and not by autolab.');
  const words = 'The site accepted its job, and does not know it any more; it never began.';
  return verdict('not_started', 'slurm.vanished', words);
}

function isRefusedByFence({ state, exitCode }: ElementRow): boolean {
  return state === 'FAILED' && exitCode === '98:0';
}

/** It was claimed, and left no receipt of its end. */
function inFlight(facts: EndFacts, task: TaskOnSlurm, row: ElementRow | null): Verdict {
  if (!task.started && facts.runCancelled)
    return verdict('cancelled', 'run.cancelled', 'It was cancelled before it began.');
  const lost = row === null ? 'nothing is known of its job' : startLost(row, task);
  const why = lost ?? (row === null ? null : otherEnd(facts, row));
  if (row === null || why !== null)
    return verdict('end_unknown', 'tasks.end_unknown', `It began, and nothing says how it ended: ${why ?? ''}.`);
  const { code, message } = judgeEnd(row, contextOf(facts, null, true, task));
  if (code === null) return verdict('end_unknown', 'tasks.end_unknown', 'It began, and left no receipt of its end.');
  return verdict(stateOf(code), code, inWords(message));
}

/** A row that says nothing of a task in hand: a worker that ended by itself had more than one. */
function otherEnd({ workers }: EndFacts, { state, exitCode }: ElementRow): string | null {
  return workers && (state === 'COMPLETED' || state === 'FAILED') ? `its worker ended as ${state} ${exitCode}` : null;
}

/** The row is of a second start, which a controller that crashed has made: it found the claim, and started nothing. */
function startLost(row: ElementRow, { claim }: TaskOnSlurm): string | null {
  const { job_id, restart_count = 0, node = '', claimed_at = '' } = claim ?? {};
  const first: JobClaim | null = job_id === undefined ? null : { job_id, restart_count, node, claimed_at };
  return secondStart(row, { claim: first, receipt: null, bootedAt: null, seenWaiting: null });
}

/** It left a receipt: Slurm's word counts where it is worse, unless the element had other tasks as well. */
function ended(facts: EndFacts, task: TaskOnSlurm, exit: TaskExit, row: ElementRow | null): Verdict {
  if (exit.started_at === null) return notBegun(facts, task, exit, row);
  const own = byReceipt(facts, task, exit);
  if (facts.workers || row === null || startLost({ ...row }, task) !== null) return own;
  const judged = judgeEnd(row, contextOf(facts, exit, true, task));
  if (judged.code === null || own.state === 'cancelled') return own;
  return verdict(stateOf(judged.code), judged.code, inWords(judged.message));
}

function byReceipt({ timeLimitSeconds }: EndFacts, { cancelled }: TaskOnSlurm, exit: TaskExit): Verdict {
  const { exit_code: code, signal, ended_by: by } = exit;
  if (by === 'request') return verdict('cancelled', 'run.cancelled', 'It was cancelled.');
  if (by === 'time_limit') return verdict('failed', 'slurm.timeout', 'It reached its time limit.');
  if (exit.oom === true) return verdict('failed', 'slurm.out_of_memory', 'A process of it ran out of memory.');
  if (signal !== null && cancelled) return verdict('cancelled', 'run.cancelled', 'It was cancelled.');
  if (signal !== null) {
    const late = timeLimitSeconds !== null && exit.wall_seconds >= timeLimitSeconds;
    return late
      ? verdict('failed', 'slurm.timeout', `Its job reached its time limit of ${timeLimitSeconds} s.`)
      : verdict('failed', 'slurm.signal', `It was ended by ${signal}.`);
  }
  if (code === 0) return verdict('completed', null, null);
  const ofShell = code === null ? null : signalOfStatus(code);
  return ofShell === null
    ? verdict('failed', 'slurm.failed', `It ended with exit code ${String(code)}.`)
    : verdict('failed', 'slurm.signal', `It ended with exit code ${String(code)}, by which a shell reports a signal.`);
}

/** It was claimed, and its command was not started. */
function notBegun(facts: EndFacts, task: TaskOnSlurm, exit: TaskExit, row: ElementRow | null): Verdict {
  const { stopped } = facts;
  if (exit.ended_by === 'request') {
    if (task.cancelled || stopped !== 'max_failures')
      return verdict('cancelled', 'run.cancelled', 'It was cancelled before it began.');
    return STOPPED;
  }
  if (row !== null && !facts.workers) {
    const { code, message } = judgeEnd(row, contextOf(facts, null, true, task));
    if (code !== null) return verdict(code === 'run.cancelled' ? 'cancelled' : 'failed', code, inWords(message));
  }
  return verdict(
    'failed',
    'slurm.failed',
    `It could not be started: ${exit.start_error ?? 'the reason is not known'}.`,
  );
}

function stateOf(code: Code): TaskEndState {
  return code === 'run.cancelled' || code === 'slurm.cancelled' ? 'cancelled' : 'failed';
}

function contextOf(facts: EndFacts, exit: TaskExit | null, begun: boolean, task?: TaskOnSlurm): EndContext {
  const { claim, cancelled = false } = task ?? {};
  return {
    cancelRequested: facts.runCancelled || cancelled,
    codeChanged: facts.codeChanged,
    inputsChanged: facts.inputsChanged,
    receipt:
      exit === null || claim?.job_id === undefined
        ? null
        : { job_id: claim.job_id, restart_count: claim.restart_count ?? 0, exit_code: exit.exit_code ?? 128 },
    begun,
    runStep: { recorded: null, bySrun: false },
    termAsked: false,
    nodeReasons: [],
    stderrTail: null,
    timeLimitSeconds: facts.timeLimitSeconds,
  };
}

/** The judge speaks of the job. */
function inWords(message: string): string {
  return message.replace(/^The job\b/, 'Its job').replace(/^The run\b/, 'It');
}
