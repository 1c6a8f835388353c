import type { Code } from '../../../errors/catalog.ts';
import { type GrowingDelay, growingDelay, grown } from '../../../platform/growing-delay.ts';
import type { StepEnd } from '../../../run/step.ts';
import { saysFull } from '../../../schedulers/slurm/arrays/array-limits.ts';
import { PATIENCE_MS } from '../leaving.ts';

/**
 * What becomes of an array that did not get into the queue. While elements of other arrays run, a controller that does not
 * answer is no reason to leave them: the array is brought in later, by the protocol of a single job. Pure.
 */

/** Tries in a row without an answer; times on the monotonic clock. */
export interface InVain {
  readonly chunk: number;
  readonly sinceMs: number;
  readonly delay: GrowingDelay;
}

export interface VainFacts {
  readonly chunk: number;
  /** Arrays of the run are in the queue beside it, or were. */
  readonly others: boolean;
  /** Something of them may still run. */
  readonly othersRun: boolean;
  /** How often this driver has called sbatch for it. */
  readonly calls: number;
  readonly before: InVain | null;
  readonly nowMs: number;
}

export type AfterVain =
  /** The driver ends as after a single job. */
  | { readonly kind: 'end' }
  /** The site takes no more jobs at this moment. */
  | { readonly kind: 'full' }
  | { readonly kind: 'again'; readonly inVain: InVain; readonly atMs: number; readonly why: string }
  | { readonly kind: 'give_up'; readonly code: Code; readonly message: string };

const AGAIN = growingDelay(15_000, 300_000);
/** A driver calls sbatch no more often for one array. */
const MOST_CALLS = 10;

export function afterVain(end: StepEnd, facts: VainFacts): AfterVain {
  if (!facts.others || end.kind === 'done') return { kind: 'end' };
  if (end.kind === 'paused') return isUnanswered(end.code) ? later(facts, end.message) : { kind: 'end' };
  if (end.retryable) return { kind: 'end' };
  if (end.code === 'slurm.refused' && saysFull(end.message)) return { kind: 'full' };
  return { kind: 'give_up', code: end.code, message: end.message };
}

function isUnanswered(code: Code): boolean {
  return code === 'slurm.unreachable' || code === 'remote.lost';
}

function later({ chunk, othersRun, calls, before, nowMs }: VainFacts, why: string): AfterVain {
  const { sinceMs, delay } = before?.chunk === chunk ? before : { sinceMs: nowMs, delay: AGAIN };
  if (calls >= MOST_CALLS || (!othersRun && nowMs - sinceMs > PATIENCE_MS)) return { kind: 'end' };
  return { kind: 'again', inVain: { chunk, sinceMs, delay: grown(delay) }, atMs: nowMs + delay.ms, why };
}
