import { type RunContext, viewOf } from '../../run/context.ts';

/** If the design does not say it. */
const GRACE_SECONDS = 10;

/** How long processes have between SIGTERM and SIGKILL. */
export function graceOf(ctx: RunContext): number {
  return viewOf(ctx).opened.resource_request.grace_seconds ?? GRACE_SECONDS;
}
