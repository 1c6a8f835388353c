import type { RunContext } from '../run/context.ts';
import type { Carrier } from './carrier.ts';
import { sharedFiles } from './here.ts';
import { siteOfRun } from './site.ts';
import { overSsh } from './ssh/carrier.ts';

/** The carrier of a run's site. */
export function carrierOf(ctx: RunContext): Carrier {
  const { far } = siteOfRun(ctx);
  return far === null ? sharedFiles : overSsh(far);
}
