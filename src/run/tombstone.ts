import { join } from 'node:path';
import { createExclusive } from '../platform/files.ts';
import { selfIdentity } from '../platform/host.ts';
import { newToken } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { CLAIM_FILE } from '../schedulers/receipt-files.ts';
import type { RunContext } from './context.ts';

/** The tombstone, a claim that no supervisor or job holds, in `receipt/`. */
export function tombstoneText(): string {
  return `${JSON.stringify({ ...selfIdentity(), kind: 'tombstone', token: newToken(), claimed_at: now() })}\n`;
}

/** Takes the run's claim, so that nothing can start the run. Returns false if a supervisor or a job has it. */
export function takeTombstone(ctx: Pick<RunContext, 'paths'>): boolean {
  return createExclusive(join(ctx.paths.receipt, CLAIM_FILE), tombstoneText());
}
