import type { VerifierResult } from '../records/manifest-schema.ts';
import { type SnapshotOptions, takeSnapshot } from './snapshot.ts';
import { verifyAll } from './table.ts';

/** A run, looked at once and judged by every verifier, in the order of the table. */
export async function verifyRun(
  root: string,
  iterationId: string,
  runId: string,
  options: SnapshotOptions,
): Promise<readonly VerifierResult[]> {
  return verifyAll(await takeSnapshot(root, iterationId, runId, options));
}
