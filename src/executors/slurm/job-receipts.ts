import type { RunPaths } from '../../records/paths.ts';
import { readReceipt } from '../../run/receipts.ts';
import { CLAIM_FILE, EXIT_FILE } from '../../schedulers/receipt-files.ts';
import { type JobClaim, type JobExit, parseJobClaim, parseJobExit } from '../../schedulers/slurm/receipt.ts';

/** The claim of a job in the run's folder; null if no job has claimed the run. `file`: of a later start. */
export function jobClaimIn(paths: RunPaths, file = CLAIM_FILE): JobClaim | null {
  return parseJobClaim(readReceipt(paths, file));
}

/** The receipt that a job left of its end; null if there is none. */
export function jobExitIn(paths: RunPaths): JobExit | null {
  return parseJobExit(readReceipt(paths, EXIT_FILE));
}
