import { monotonicMs } from '../../platform/time.ts';
import type { RunContext } from '../../run/context.ts';
import type { StepPaused } from '../../run/step.ts';

/** Whether a driver that waits is to leave: the person asked, or the time it was given is over. null: stay. */
export function leaving(ctx: RunContext, standing: string): StepPaused | null {
  if (ctx.control.detach) return { kind: 'paused', code: 'interrupted', message: `Interrupted. ${standing}` };
  if (ctx.deadlineMs !== null && monotonicMs() > ctx.deadlineMs)
    return { kind: 'paused', code: 'run.still_going', message: `Stopped waiting. ${standing}` };
  return null;
}
