import type { VerifierResult } from '../../records/manifest-schema.ts';
import { viewOf } from '../../run/context.ts';
import { never, noIntent, repeatable, type StepDone, type StepFailed } from '../../run/step.ts';
import { loadVerifiers } from '../../run/verifiers.ts';
import { projectJournal } from '../project-journal.ts';

/**
 * Runs the verifiers on the projection so far (R22). Files are not digested again: `collect` did so a moment ago.
 * Whether the manifest equals its projection is never stored, because the line that stored it would change the projection.
 */
export const verifyLocalArtifacts = repeatable({
  name: 'verify_local_artifacts',
  skip: never,
  intent: noIntent,
  // What was missing may be there now: it has to be listed and digested first.
  retryFrom: 'collect_to_remote',
  run: async (ctx): Promise<StepDone | StepFailed> => {
    const { opened } = viewOf(ctx);
    const verifyRun = await loadVerifiers();
    const results = await verifyRun(ctx.root, opened.iteration_id, opened.run_id, {
      projectManifest: projectJournal,
      digest: false,
    });
    const verifiers = results.filter((result) => result.name !== 'projection');
    const failed = verifiers.filter((result) => result.status === 'fail');
    const first = failed[0];
    if (first === undefined) return { kind: 'done', message: summary(verifiers), result: { verifiers } };
    const code = failed.some((result) => result.name === 'required_artifacts') ? 'artifacts.missing' : 'verify.failed';
    const message = failed.map((result) => `${result.name}: ${result.message}`).join(' ');
    return { kind: 'failed', code, message, retryable: true, result: { verifiers } };
  },
});

function summary(verifiers: readonly VerifierResult[]): string {
  const count = (status: VerifierResult['status']): number =>
    verifiers.filter((result) => result.status === status).length;
  const parts = (['pass', 'warn', 'skip'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`);
  return parts.join(', ');
}
