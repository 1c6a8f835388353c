import type { Code } from '../../errors/catalog.ts';
import {
  CANCELLED_BEFORE,
  COMPLETED,
  couldNotStart,
  type EndVerdict,
  PERHAPS_BEGUN,
  taskCancelled,
  taskEndUnknown,
  taskNotStarted,
} from './end-verdicts.ts';
import type { TaskEnd } from './task-end.ts';
import type { ReceiptName } from './task-files.ts';
import { endedByRequest, type TaskClaim, type TaskExit, type TaskStart } from './task-receipt.ts';
import { measuredBy, NOTHING_MEASURED, startsOf } from './task-starts.ts';

/** How the tasks of a run ended whose end no step has seen, by the receipts alone. Pure. */

export interface LeftReceipts {
  readonly count: number;
  /** What the names in `receipts/` say. */
  readonly names: readonly ReceiptName[];
  readonly exitOf: (index: number) => TaskExit | null;
  readonly claimOf: (index: number, attempt: number) => TaskClaim | null;
  readonly startOf: (index: number) => TaskStart | null;
  readonly executor: 'local' | 'slurm';
  /** Whether the receipts are here: otherwise nothing is known of a task without one. */
  readonly areHere: boolean;
}

export function endsLeft(left: LeftReceipts): readonly TaskEnd[] {
  const claims = new Map<number, number>();
  const cancelled = new Set<number>();
  const started = new Set<number>();
  const ended = new Set<number>();
  for (const name of left.names) {
    if (name.kind === 'claim') claims.set(name.index, Math.max(claims.get(name.index) ?? 0, name.attempt + 1));
    if (name.kind === 'cancel') cancelled.add(name.index);
    if (name.kind === 'started') started.add(name.index);
    if (name.kind === 'exit') ended.add(name.index);
  }
  return Array.from({ length: left.count }, (_, index) =>
    endLeft(left, {
      ...{ index, claims: claims.get(index) ?? 0, cancelled: cancelled.has(index), started: started.has(index) },
      exit: ended.has(index) ? left.exitOf(index) : null,
    }),
  );
}

interface LeftOfTask {
  readonly index: number;
  readonly claims: number;
  readonly cancelled: boolean;
  readonly started: boolean;
  /** Of any attempt. */
  readonly exit: TaskExit | null;
}

function endLeft(left: LeftReceipts, task: LeftOfTask): TaskEnd {
  const { index, claims, started, exit } = task;
  const claim = claims === 0 ? null : left.claimOf(index, claims - 1);
  // A requeued task has the receipts of its attempt before until it begins, and ends, again.
  const last = exit !== null && exit.attempt >= claims - 1 ? exit : null;
  const isOpen = started && last === null;
  const startedAttempt = isOpen && claims > 1 ? (left.startOf(index)?.attempt ?? null) : null;
  const attempts = startsOf({ claims, exit: last, started, startedAttempt });
  const owned = { ...NOTHING_MEASURED, index, attempts, ...ownerOf(claim) };
  if (last !== null) return { ...owned, ...measuredBy(last), ...saidBy(last, task, left.executor) };
  // Nothing starts a task that was to be taken over from another run.
  if (claim?.kind === 'reused') return { ...owned, ...NOT_STARTED, attempts: 0, owner: null };
  // When it was claimed is the nearest that is known of its start.
  const at = started ? (claim?.claimed_at ?? null) : null;
  return { ...owned, started_at: at, ...saidWithoutExit(task, left.areHere) };
}

function saidWithoutExit({ claims, cancelled, started }: LeftOfTask, areHere: boolean): EndVerdict {
  // Whoever claimed it looked for the request before the start.
  if (cancelled && !started) return CANCELLED_BEFORE;
  if (started) return taskEndUnknown('It began, and left no receipt of its end.');
  if (claims > 0) return taskEndUnknown(`${PERHAPS_BEGUN}.`);
  return areHere ? NOT_STARTED : taskEndUnknown('The run was closed before the receipts of its tasks were here.');
}

const NOT_STARTED = taskNotStarted('The run was closed before it began.');

function ownerOf(claim: TaskClaim | null): Pick<TaskEnd, 'owner' | 'node'> {
  if (claim === null) return { owner: null, node: null };
  const element = `${claim.array_job_id ?? '?'}_${claim.array_task_id ?? '?'}`;
  return { owner: claim.kind === 'supervisor' ? 'local' : element, node: claim.node };
}

function saidBy(exit: TaskExit, { cancelled }: LeftOfTask, executor: LeftReceipts['executor']): EndVerdict {
  const failed = (
    kind: 'failed' | 'signal' | 'timeout' | 'out_of_memory' | 'start_failed',
    message: string,
  ): EndVerdict => {
    const code = `${executor}.${kind}` satisfies Code;
    return { state: 'failed', code, message };
  };
  const byRequest = endedByRequest(exit, cancelled);
  if (byRequest && exit.started_at === null) return CANCELLED_BEFORE;
  if (exit.start_error !== null) return failed('start_failed', couldNotStart(exit.start_error));
  if (byRequest) return taskCancelled('It was cancelled while it ran.');
  if (exit.ended_by === 'time_limit') return failed('timeout', 'It reached its time limit and was stopped.');
  if (exit.exit_code === 0) return COMPLETED;
  if (exit.oom === true) return failed('out_of_memory', 'The kernel killed a process of it: out of memory.');
  if (exit.signal !== null) return failed('signal', `${exit.signal} ended it.`);
  return failed('failed', `It ended with status ${String(exit.exit_code)}.`);
}
