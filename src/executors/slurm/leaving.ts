import { monotonicMs } from '../../platform/time.ts';
import type { RunContext } from '../../run/context.ts';
import type { StepPaused } from '../../run/step.ts';

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

/** The driver has waited long enough for the controller. */
export function controllerAway(standing: string): StepPaused {
  return { kind: 'paused', code: 'slurm.unreachable', message: `The Slurm controller does not answer. ${standing}` };
}
