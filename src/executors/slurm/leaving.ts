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
