import type { Failure } from '../../errors/failure.ts';
import type { Guarded } from '../../plan/guard.ts';
import { now } from '../../platform/time.ts';
import { positionOf } from '../../run/state-file.ts';
import { moveStage } from '../move-stage.ts';
import { type CommandResult, resultOfFailure, stageKeys } from '../result.ts';
import { composeReview, type ReviewDecided, stateMoved, writeReview } from './decide.ts';
import { partsAt } from './guard-review.ts';

interface SentBack {
  readonly command: string;
  readonly by: string;
  readonly note: string | null;
  readonly decided: ReviewDecided;
  /** What the call ends with. */
  readonly failure: Failure;
}

/** Writes a review that does not approve, and moves the workflow back to the implementation. */
export function moveWithReview(root: string, guarded: Guarded, sent: SentBack): CommandResult {
  const { command, by, note, decided, failure } = sent;
  const { state } = guarded;
  const { text } = composeReview(root, state.iteration_id, decided);
  const after = { ...positionOf(state), stage: 'implementation' };
  const refused = moveStage(root, {
    ...{ command, from: state, to: after, by, message: failure.message, code: failure.code },
    ...(note === null ? {} : { note }),
    counted: failure.code === 'approval.check_failed' ? false : null,
    first: () => {
      const moved = stateMoved(root, state);
      if (moved === null) writeReview(root, { iterationId: state.iteration_id, text, signature: null, listing: null });
      return moved;
    },
  });
  if (refused !== null) return resultOfFailure(command, refused, partsAt(guarded));
  return resultOfFailure(command, failure, { ...partsAt(guarded), ...stageKeys(state, after) });
}

interface DecisionFacts {
  readonly by: string;
  readonly note: string | null;
  readonly author: string | null;
  readonly status: NonNullable<ReviewDecided['status']>;
  readonly findings: readonly string[];
  readonly checks: ReviewDecided['required_checks'];
  readonly approved?: ReviewDecided['approved'];
}

export function decision({
  by,
  note,
  author,
  status,
  findings,
  checks,
  approved = null,
}: DecisionFacts): ReviewDecided {
  return {
    status,
    required_checks: checks,
    blocking_findings: findings,
    reviewed_at: now(),
    reviewed_by: by,
    ...{ author, note, approved },
  };
}
