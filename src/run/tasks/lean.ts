import { freeMemory } from '../../platform/memory.ts';
import { monotonicMs } from '../../platform/time.ts';
import { type RunContext, viewOf } from '../context.ts';

/** Of a run with fewer tasks, the garbage is small. */
const MANY = 1000;
const EVERY_MS = 10_000;

let lastMs = -Infinity;

/** Between two steps of a run with many tasks: what one made of all of them is not kept beside what the next one makes. */
export function freeAfterMany(ctx: RunContext): void {
  if ((viewOf(ctx).opened.tasks?.count ?? 0) < MANY) return;
  lastMs = monotonicMs();
  freeMemory();
}

/** The same of a driver that looks at all tasks once a second. */
export function freeNowAndThen(ctx: RunContext): void {
  if (monotonicMs() - lastMs > EVERY_MS) freeAfterMany(ctx);
}
