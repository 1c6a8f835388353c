import { leftBehind } from '../../code/left-behind.ts';
import { firstFew } from '../../platform/listing.ts';
import type { VerifierResult } from '../../records/manifest-schema.ts';
import { resultOf } from '../../records/run-view.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { never, noIntent, repeatable, type StepDone, type StepFailed } from '../../run/step.ts';
import { composedResults } from '../../run/tasks/results.ts';
import { judgeTasks } from '../../run/tasks/verdict.ts';
import { loadVerifiers } from '../../run/verifiers.ts';
import { carrierOf } from '../../sites/table.ts';
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
    const options = { projectManifest: projectJournal, digest: false };
    // Both wait for git, and neither changes anything.
    const [results] = await Promise.all([
      verifyRun(ctx.root, opened.iteration_id, opened.run_id, options),
      noteWhatIsLeft(ctx),
    ]);
    const verifiers = results.filter((result) => result.name !== 'projection');
    const failed = verifiers.filter((result) => result.status === 'fail');
    const first = failed[0];
    if (first === undefined) return { kind: 'done', message: summary(verifiers), result: { verifiers } };
    const lacks = failed.some((result) => result.name === 'required_artifacts');
    const tasks = lacks ? tasksLackingOutputs(ctx) : null;
    if (tasks !== null) return { kind: 'failed', ...tasks, retryable: false, result: { verifiers } };
    const code = lacks ? 'artifacts.missing' : 'verify.failed';
    const message = failed.map((result) => `${result.name}: ${result.message}`).join(' ');
    return { kind: 'failed', code, message, retryable: true, result: { verifiers } };
  },
});

/** A task without what it had to leave has failed, and is not waited for: only it is run again. Null if the run has one task. */
function tasksLackingOutputs(ctx: RunContext): Pick<StepFailed, 'code' | 'message'> | null {
  const ends = viewOf(ctx).opened.tasks === undefined ? null : composedResults(ctx);
  const verdict = ends === null ? null : judgeTasks(ends, false);
  return verdict === null || verdict.code === null ? null : verdict;
}

/** For the user, who may not know that it is code of the next launch. The record says nothing of it: anybody may have done it. */
async function noteWhatIsLeft(ctx: RunContext): Promise<void> {
  const view = viewOf(ctx);
  const commit = resultOf(view, 'record-code');
  const { code, snapshot } = view.opened;
  if (commit === null || code === undefined || snapshot !== undefined || !carrierOf(ctx).usesWorkTree) return;
  const left = await leftBehind(ctx.root, commit, code, ctx.paths.codeSums);
  if (left === null) return;
  const note = (message: string): void => {
    ctx.emit({ type: 'note', message });
  };
  if (left.added.length > 0)
    note(
      `since the launch, files appeared that git does not ignore; the next launch records them as code: ${firstFew(left.added, 5)}`,
    );
  if (left.changed.length > 0) note(`since the launch, code changed in the work tree: ${firstFew(left.changed, 5)}`);
}

function summary(verifiers: readonly VerifierResult[]): string {
  const count = (status: VerifierResult['status']): number =>
    verifiers.filter((result) => result.status === status).length;
  const parts = (['pass', 'warn', 'skip'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status}`);
  return parts.join(', ');
}
