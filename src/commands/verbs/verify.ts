import { projectJournal } from '../../engine/project-journal.ts';
import { failureOf } from '../../errors/failure.ts';
import type { VerifierResult } from '../../records/manifest-schema.ts';
import { verifyRun } from '../../verify/run.ts';
import { maybeText } from '../check-options.ts';
import { findRun } from '../find-run.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface VerifyOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the active run, else the last one. */
  readonly run?: string | null;
}

export interface VerifyResult extends VerbResult {
  /** What each verifier says. */
  readonly verifiers?: readonly VerifierResult[];
}

/** Appends nothing: it can be run years later, on a copy. */
export const verify: Verb<VerifyOptions> = {
  name: 'verify',
  options: { run: maybeText },
  perform: async ({ root }, { run: name = null }) => {
    const run = findRun(root, name);
    if (!run.ok) return resultOfFailure('verify', run.failure);
    const { iterationId, runId } = run.value;
    const verifiers = await verifyRun(root, iterationId, runId, { projectManifest: projectJournal, digest: true });
    const failed = verifiers.filter((result) => result.status === 'fail').map(({ name: verifier }) => verifier);
    const parts = {
      run_id: runId,
      iteration_id: iterationId,
      details: { verifiers } satisfies Partial<VerifyResult>,
    };
    if (failed.length === 0)
      return succeed('verify', { message: `The run ${runId} passes its verification.`, hint: '' }, parts);
    const message = `The run ${runId} fails its verification: ${failed.join(', ')}.`;
    return resultOfFailure('verify', failureOf('verify.failed', { message }), parts);
  },
};
