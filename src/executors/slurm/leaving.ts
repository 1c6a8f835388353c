import { monotonicMs } from '../../platform/time.ts';
import type { RunContext } from '../../run/context.ts';
import type { StepPaused } from '../../run/step.ts';
import { hasOthers } from './order.ts';

/** Why a waiting driver leaves: the user asked, or its time is over. Returns null to stay. */
export function leaving(ctx: RunContext, standing: string): StepPaused | null {
  if (ctx.control.detach) return { kind: 'paused', code: 'interrupted', message: `Interrupted. ${standing}` };
  if (ctx.deadlineMs !== null && monotonicMs() > ctx.deadlineMs)
    return { kind: 'paused', code: 'run.still_going', message: `Stopped waiting. ${standing}` };
  return null;
}

/** How long a driver may sleep: a little beyond the moment at which it has to leave. */
export function msUntilLeaving({ deadlineMs }: Pick<RunContext, 'deadlineMs'>): number {
  return deadlineMs === null ? Infinity : Math.max(0, deadlineMs - monotonicMs()) + 1;
}

/** How long a driver waits for a controller that does not answer, if it has nothing else to do. */
export const PATIENCE_MS = 180_000;
const BRIEF_MS = 10_000;

/** The same of a driver that submits this job: where other jobs of the run are there, it goes back to those soon. */
export function patienceMs(ctx: RunContext, chunk: number, alone = PATIENCE_MS): number {
  return hasOthers(ctx, chunk) ? BRIEF_MS : alone;
}

/** The driver has waited long enough for the controller. */
export function controllerAway(standing: string): StepPaused {
  return { kind: 'paused', code: 'slurm.unreachable', message: `The Slurm controller does not answer. ${standing}` };
}
