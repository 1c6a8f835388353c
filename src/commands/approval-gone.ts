import { problemOfFile } from '../documents/located.ts';
import { type Failure, failureOf } from '../errors/failure.ts';
import { judgeGate } from '../plan/gate.ts';
import type { Guarded } from '../plan/guard.ts';
import { lookForLaunch } from '../plan/look.ts';
import { objectionsTo } from '../plan/objections.ts';
import { ENVIRONMENT_FILE } from '../project/environment.ts';
import { designFileOf } from '../project/read.ts';
import { taskFileOf } from '../project/tasks/task-file-path.ts';

/** `inputs`: of a run that the approval was enough for. */
export async function approvalGone(
  root: string,
  guarded: Guarded,
  inputs: Readonly<Record<string, string | null>>,
): Promise<Failure | null> {
  const look = await lookForLaunch(root, guarded, null);
  const ofReview = objectionsTo(look, { openTodo: true }).filter(({ code }) => code.startsWith('review.'));
  const failure = judgeGate(
    ofReview,
    ofReview.flatMap(({ problems = [] }) => problems),
  );
  if (failure !== null) return failure;
  // A review without digests says nothing of what it approved: the run does.
  if ((look.project.review?.approved ?? null) !== null) return null;
  const ofTasks = taskFileOf(look.project.draft?.tasks ?? null) ?? [];
  const files = [designFileOf(guarded.state.iteration_id), ENVIRONMENT_FILE].concat(ofTasks);
  const changed = files.filter((file) => (inputs[file] ?? null) !== (look.project.digests[file] ?? null));
  if (changed.length === 0) return null;
  return failureOf('review.stale', {
    message: `${changed.join(' and ')} changed since the run.`,
    problems: changed.map((file) => problemOfFile(file, 'review.stale', 'changed since the run')),
  });
}
