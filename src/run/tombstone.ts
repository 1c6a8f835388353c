import { join } from 'node:path';
import { createExclusive } from '../platform/files.ts';
import { selfIdentity } from '../platform/host.ts';
import { newToken } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { CLAIM_FILE } from '../schedulers/receipt-files.ts';
import type { RunContext } from './context.ts';

/** The claim of nobody, as it lies in `receipt/`. */
export function tombstoneText(): string {
  return `${JSON.stringify({ ...selfIdentity(), kind: 'tombstone', token: newToken(), claimed_at: now() })}\n`;
}

/** Takes the run's claim for nobody, so that nobody can start it. False if somebody owns it. */
export function takeTombstone(ctx: Pick<RunContext, 'paths'>): boolean {
  return createExclusive(join(ctx.paths.receipt, CLAIM_FILE), tombstoneText());
}
