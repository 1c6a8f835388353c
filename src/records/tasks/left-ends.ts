import type { Code } from '../../errors/catalog.ts';
import type { TaskEnd } from './task-end.ts';
import type { ReceiptName } from './task-files.ts';
import type { TaskClaim, TaskExit, TaskStart } from './task-receipt.ts';
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
  const claimed = new Map<number, number>();
  const cancelled = new Set<number>();
  const started = new Set<number>();
  const ended = new Set<number>();
  for (const name of left.names) {
    if (name.kind === 'claim') claimed.set(name.index, Math.max(claimed.get(name.index) ?? 0, name.attempt + 1));
    if (name.kind === 'cancel') cancelled.add(name.index);
    if (name.kind === 'started') started.add(name.index);
    if (name.kind === 'exit') ended.add(name.index);
  }
  return Array.from({ length: left.count }, (_, index) => {
    const claims = claimed.get(index) ?? 0;
    const exit = ended.has(index) ? left.exitOf(index) : null;
    const claim = claims === 0 ? null : left.claimOf(index, claims - 1);
    // A requeued task has the receipts of its attempt before until it begins, and ends, again.
    const last = exit !== null && exit.attempt >= claims - 1 ? exit : null;
    const isStarted = started.has(index);
    const startedAttempt = isStarted && last === null && claims > 1 ? (left.startOf(index)?.attempt ?? null) : null;
    const attempts = startsOf({ claims, exit: last, started: isStarted, startedAttempt });
    const owned = { ...NOTHING_MEASURED, index, attempts, ...ownerOf(claim) };
    if (last !== null) return { ...owned, ...measuredBy(last), ...saidBy(last, left.executor) };
    // Nothing starts a task that was to be taken over from another run.
    if (claim?.kind === 'reused') return { ...owned, ...NOT_STARTED, attempts: 0, owner: null };
    // Whoever claimed it looked for the request before the start.
    if (cancelled.has(index) && !isStarted) return { ...owned, ...CANCELLED };
    // When it was claimed is the nearest that is known.
    if (isStarted)
      return {
        ...owned,
        started_at: claim?.claimed_at ?? null,
        ...unknownEnd('It began, and left no receipt of its end.'),
      };
    if (claims > 0) return { ...owned, ...unknownEnd('It was claimed, and nothing says whether it began.') };
    if (!left.areHere)
      return { ...owned, ...unknownEnd('The run was closed before the receipts of its tasks were here.') };
    return { ...owned, ...NOT_STARTED };
  });
}

type Said = Pick<TaskEnd, 'state' | 'code' | 'message'>;

const CANCELLED: Said = { state: 'cancelled', code: 'run.cancelled', message: 'It was cancelled before it began.' };
const NOT_STARTED: Said = {
  state: 'not_started',
  code: 'tasks.not_started',
  message: 'The run was closed before it began.',
};

function unknownEnd(message: string): Said {
  return { state: 'end_unknown', code: 'tasks.end_unknown', message };
}

function ownerOf(claim: TaskClaim | null): Pick<TaskEnd, 'owner' | 'node'> {
  if (claim === null) return { owner: null, node: null };
  const element = `${claim.array_job_id ?? '?'}_${claim.array_task_id ?? '?'}`;
  return { owner: claim.kind === 'supervisor' ? 'local' : element, node: claim.node };
}

function saidBy(exit: TaskExit, executor: LeftReceipts['executor']): Said {
  const failed = (kind: 'failed' | 'signal' | 'timeout' | 'out_of_memory' | 'start_failed', message: string): Said => {
    const code = `${executor}.${kind}` satisfies Code;
    return { state: 'failed', code, message };
  };
  if (exit.start_error !== null) return failed('start_failed', `It could not be started: ${exit.start_error}.`);
  if (exit.ended_by === 'request' && exit.started_at === null) return CANCELLED;
  if (exit.ended_by === 'request')
    return { state: 'cancelled', code: 'run.cancelled', message: 'It was cancelled while it ran.' };
  if (exit.ended_by === 'time_limit') return failed('timeout', 'It reached its time limit and was stopped.');
  if (exit.exit_code === 0) return { state: 'completed', code: null, message: null };
  if (exit.oom === true) return failed('out_of_memory', 'The kernel killed a process of it: out of memory.');
  if (exit.signal !== null) return failed('signal', `${exit.signal} ended it.`);
  return failed('failed', `It ended with status ${String(exit.exit_code)}.`);
}
