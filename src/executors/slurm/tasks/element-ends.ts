import type { Code } from '../../../errors/catalog.ts';
import type { StopReason } from '../../../records/journal-events.ts';
import {
  CANCELLED_BEFORE,
  COMPLETED,
  couldNotStart,
  type EndVerdict,
  PERHAPS_BEGUN,
  taskCancelled,
  taskEndUnknown,
  taskNotStarted,
} from '../../../records/tasks/end-verdicts.ts';
import type { TaskEnd, TaskEndState } from '../../../records/tasks/task-end.ts';
import type { TaskExit } from '../../../records/tasks/task-receipt.ts';
import { measuredBy, type MeasuredByReceipt, NOTHING_MEASURED, startsOf } from '../../../records/tasks/task-starts.ts';
import type { ElementEnds, ElementRow } from '../../../schedulers/slurm/arrays/element-rows.ts';
import type { EndContext } from '../../../schedulers/slurm/end-context.ts';
import { judgeEnd } from '../../../schedulers/slurm/judge.ts';
import { signalOfStatus } from '../../../schedulers/slurm/signals.ts';
import { holderOf, lastStarts, type RowOfClaim, rowOfClaim } from './start-of-row.ts';
import type { TaskOnSlurm } from './tasks-on-slurm.ts';
import { type Unbegun, type UnbegunFacts, whyUnbegun, whyUntaken } from './why-unbegun.ts';

/**
 * How every task ended: by its claim, the receipt of its own end, and Slurm's row for the element that holds the claim. Of two
 * copies of an array, each may hold some claims. Pure.
 */

export interface EndFacts extends UnbegunFacts {
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
  const last = lastStarts(facts.tasks);
  return facts.tasks.map((task, index) => {
    if (task.attempts === 0) return { ...recordOf(index, task, NOTHING_MEASURED), ...unbegun(facts, task, index) };
    const found = rowOfClaim(facts.ends, last, task);
    const known = facts.workers ? ofWorker(found) : found;
    if (task.exit !== null)
      return { ...recordOf(index, task, measuredBy(task.exit)), ...ended(facts, task, task.exit, known) };
    const { started, startedAt } = task;
    const measured = { ...NOTHING_MEASURED, ...(started ? timesOf(facts, startedAt, known.row) : {}) };
    return { ...recordOf(index, task, measured), ...inFlight(facts, task, known) };
  });
}

/** A row that says nothing of a task in hand: a worker that ended by itself had more than one. */
function ofWorker(known: RowOfClaim): RowOfClaim {
  if (known.row === null || (known.row.state !== 'COMPLETED' && known.row.state !== 'FAILED')) return known;
  return { row: null, why: `its worker ended as ${known.row.state} ${known.row.exitCode}`, isOther: false };
}

function verdict(state: TaskEndState, code: Code, message: string): EndVerdict {
  return { state, code, message };
}

function recordOf(index: number, task: TaskOnSlurm, measured: MeasuredByReceipt): TaskEnd {
  return {
    ...{
      index,
      state: 'end_unknown',
      code: null,
      message: null,
      attempts: startsOf({ ...task, claims: task.attempts }),
    },
    ...{ owner: holderOf(task), node: task.claim?.node ?? null },
    ...measured,
  };
}

/** It began, and left no receipt: it ended with its job. A worker's time is not that of one task. */
function timesOf({ workers }: EndFacts, startedAt: string | null, row: ElementRow | null): Partial<MeasuredByReceipt> {
  const { endedAt = null, elapsedSeconds = null } = row ?? {};
  const between =
    startedAt === null || endedAt === null ? null : Math.max(0, (Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
  return { started_at: startedAt, ended_at: endedAt, wall_seconds: workers ? between : elapsedSeconds };
}

const STOPPED = taskNotStarted('Too many tasks had failed before it began (max_failures).');

/** Nobody claimed it, and nobody can any more. */
function unbegun(facts: EndFacts, task: TaskOnSlurm, index: number): EndVerdict {
  const element = facts.elementOf(index);
  const row = facts.ends.ended.get(element?.id ?? '') ?? null;
  const own = row === null ? null : unbegunByRow(facts, row);
  // Such an end was before any request; a cancel may be its order.
  if (own !== null && row?.state !== 'CANCELLED') return own;
  const never = withdrawn(facts, task) ?? facts.notSubmitted(index);
  if (never !== null) return { state: 'not_started', ...never };
  if (facts.workers) return untaken(facts);
  if (element === null) return taskNotStarted('It was not submitted.');
  if (own !== null) return own;
  if (row !== null) return taskNotStarted('Its job ended before it began.');
  if (facts.ends.cancelled.has(element.arrayId)) return CANCELLED_OUTSIDE;
  const words = 'The site accepted its job, and does not know it any more; it never began.';
  return verdict('not_started', 'slurm.vanished', words);
}

function withdrawn({ stopped, runCancelled }: EndFacts, { cancelled }: TaskOnSlurm): EndVerdict | null {
  if (cancelled || runCancelled || stopped === 'cancelled') return CANCELLED_BEFORE;
  return stopped === 'max_failures' ? STOPPED : null;
}

/** Null if the row says no more than that the fence stopped it, or that it ended well. */
function unbegunByRow(facts: EndFacts, row: ElementRow): EndVerdict | null {
  if (row.state === 'FAILED' && row.exitCode === '98:0') return null;
  const { code, message } = judgeEnd(row, contextOf(facts, null, false));
  if (code === null) return null;
  return verdict(stateOf(code) === 'cancelled' ? 'cancelled' : 'not_started', code, inWords(message));
}

const CANCELLED_OUTSIDE = verdict(
  'cancelled',
  'slurm.cancelled',
  'Its job was cancelled before it began, and not by autolab.',
);

function untaken(facts: EndFacts): EndVerdict {
  const { tasks, ends } = facts;
  const why = whyUntaken(facts, ends.ended.values());
  if (why !== null) return verdict('not_started', why.code ?? 'tasks.not_started', `No worker took it (${why.words}).`);
  if (tasks.some((task) => holderOf(task) !== null)) return taskNotStarted('The workers ended before it was its turn.');
  if (ends.cancelled.size > 0) return CANCELLED_OUTSIDE;
  const words = 'The site accepted the workers, and does not know them any more; it never began.';
  return verdict('not_started', 'slurm.vanished', words);
}

/** It was claimed, and left no receipt of its end. */
function inFlight(facts: EndFacts, task: TaskOnSlurm, { row, why }: RowOfClaim): EndVerdict {
  const { started, cancelled } = task;
  if (!started && (cancelled || facts.runCancelled)) return CANCELLED_BEFORE;
  const own = started || facts.workers ? null : whyUnbegun(facts, task);
  if (own !== null) return wordOfSlurm(facts, task, row) ?? notStartable(own);
  const unknown = started ? 'It began, and nothing says how it ended' : PERHAPS_BEGUN;
  if (row === null) return taskEndUnknown(`${unknown}: ${why}.`);
  const { code, message } = judgeEnd(row, contextOf(facts, null, true, task));
  if (code !== null) return verdict(stateOf(code), code, inWords(message));
  return taskEndUnknown(`${unknown}: its job ended as ${row.state} ${row.exitCode}.`);
}

/** It left a receipt: Slurm's word counts where it is worse. That of a worker counts if it was told to end during this task. */
function ended(facts: EndFacts, task: TaskOnSlurm, exit: TaskExit, known: RowOfClaim): EndVerdict {
  const row = facts.workers && exit.job_signal === undefined ? null : known.row;
  if (exit.started_at === null) return notBegun(facts, task, exit, row);
  const own = byReceipt(facts, task, exit);
  if (exit.ended_by === 'request') return own;
  if (row === null) return isOfSignal(own, exit) ? (toldToEnd(exit, known) ?? own) : own;
  const { code, message } = judgeEnd(row, contextOf(facts, exit, true, task));
  // The receipt is of the task itself, and its code is whole: Slurm cuts those above 128.
  if (code === null || (own.state !== 'completed' && isOfStatus(code))) return own;
  return verdict(stateOf(code), code, inWords(message));
}

function isOfSignal({ code }: EndVerdict, { job_signal: signal }: TaskExit): boolean {
  return signal !== undefined && (code === 'slurm.signal' || code === 'slurm.failed');
}

/** Slurm has only a later start of its element: why it told this one to end is not the task's. Null if that is not so. */
function toldToEnd({ job_signal: signal = '' }: TaskExit, { why, isOther }: RowOfClaim): EndVerdict | null {
  if (!isOther) return null;
  const words = `Its job was told to end (${signal}), and Slurm does not say why: ${why}.`;
  return verdict('failed', 'slurm.end_unknown', words);
}

/** What a job's status alone says. */
function isOfStatus(code: Code): boolean {
  return code === 'slurm.failed' || code === 'slurm.signal';
}

function byReceipt(
  { timeLimitSeconds, runCancelled }: EndFacts,
  { cancelled }: TaskOnSlurm,
  exit: TaskExit,
): EndVerdict {
  const { exit_code: code, signal, ended_by: by } = exit;
  const told = signal !== null || (exit.job_signal !== undefined && code !== 0);
  if (by === 'request') return taskCancelled('It was cancelled.');
  if (by === 'time_limit') return verdict('failed', 'slurm.timeout', 'It reached its time limit.');
  if (exit.oom === true) return verdict('failed', 'slurm.out_of_memory', 'A process of it ran out of memory.');
  if (told && (cancelled || runCancelled)) return taskCancelled('It was cancelled.');
  if (signal !== null) {
    const late = timeLimitSeconds !== null && exit.wall_seconds >= timeLimitSeconds;
    return late
      ? verdict('failed', 'slurm.timeout', `Its job reached its time limit of ${timeLimitSeconds} s.`)
      : verdict('failed', 'slurm.signal', `It was ended by ${signal}.`);
  }
  if (code === 0) return byStarts(exit);
  const ofShell = code === null ? null : signalOfStatus(code);
  return ofShell === null
    ? verdict('failed', 'slurm.failed', `It ended with exit code ${String(code)}.`)
    : verdict('failed', 'slurm.signal', `It ended with exit code ${String(code)}, by which a shell reports a signal.`);
}

function byStarts({ starts }: TaskExit): EndVerdict {
  if (starts === undefined || starts.begun === starts.expected) return COMPLETED;
  const words = `Its command began ${starts.begun} times; the design asks for ${starts.expected}.`;
  return verdict('failed', 'slurm.starts_differ', words);
}

/** It was claimed, and its command was not started. */
function notBegun(facts: EndFacts, task: TaskOnSlurm, exit: TaskExit, row: ElementRow | null): EndVerdict {
  if (exit.ended_by === 'request')
    return task.cancelled || facts.stopped !== 'max_failures' ? CANCELLED_BEFORE : STOPPED;
  const said = wordOfSlurm(facts, task, row);
  if (said !== null) return said;
  if (exit.job_signal !== undefined && (task.cancelled || facts.runCancelled)) return CANCELLED_BEFORE;
  const own = facts.workers ? null : whyUnbegun(facts, task);
  return notStartable(own ?? { code: null, words: exit.start_error ?? 'the reason is not known' });
}

/** Of an element whose command was not started; null if it says no more than the status of the script. */
function wordOfSlurm(facts: EndFacts, task: TaskOnSlurm, row: ElementRow | null): EndVerdict | null {
  if (row === null) return null;
  const { code, message } = judgeEnd(row, contextOf(facts, null, true, task));
  return code === null || code === 'slurm.failed' ? null : verdict(stateOf(code), code, inWords(message));
}

function notStartable({ code, words }: Unbegun): EndVerdict {
  return verdict('failed', code ?? 'slurm.failed', couldNotStart(words));
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
