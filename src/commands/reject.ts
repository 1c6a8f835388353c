import { failureOf } from '../errors/failure.ts';
import { REQUIRED_CHECKS } from '../project/required-checks.ts';
import { reviewThere } from './approval/decide.ts';
import { guardReview } from './approval/guard-review.ts';
import { decision, moveWithReview } from './approval/move-with-review.ts';
import { type CommandResult, resultOfFailure } from './result.ts';

/** `autolab reject`: the reviewer sends the experiment back, and says why. */

const COMMAND = 'reject';

export interface Rejection {
  readonly by: string;
  readonly note: string;
}

export function rejectExperiment(root: string, { by, note }: Rejection): CommandResult {
  const guarded = guardReview(root);
  if (!('state' in guarded)) return resultOfFailure(COMMAND, guarded);
  const there = reviewThere(root, guarded.state.iteration_id).required_checks;
  const checks = Object.fromEntries(REQUIRED_CHECKS.map((name) => [name, there[name] ?? 'skip']));
  const decided = decision({ by, note, author: null, status: 'needs_retry', findings: [note], checks });
  const failure = failureOf('review.rejected', { message: `${by} sent ${guarded.experiment.id} back: ${note}` });
  return moveWithReview(root, guarded, { command: COMMAND, by, note, decided, failure });
}
