import { type Failure, failureOf } from '../errors/failure.ts';
import { sentences } from '../platform/sentence.ts';
import { type Approved, approvedDigest } from '../project/approved.ts';
import type { RunView } from '../records/run-view.ts';
import { listRuns } from '../run/claim.ts';
import { lightState } from '../run/light-state.ts';
import { peekRun } from '../run/session.ts';
import type { CommandResult } from './result.ts';
import { resultOfClosed } from './run-result.ts';

/**
 * A launch that names the approval that it is for. Such a call can be repeated by a program that lost the answer: as long as
 * it names the same approval and the same last run, it is the same launch.
 */
export interface ApprovalWanted {
  /** What `approvedDigest` gives; null if any approval will do. */
  readonly approved: string | null;
  /** The last run of this approval that the caller knows of; null if it knows of none. */
  readonly after: string | null;
}

const COMMAND = 'launch';

/** Whether the run was launched for this approval. */
export function isFor(view: RunView, approved: string | null): boolean {
  return approved === null || digestOfApproval(view.opened.approved) === approved;
}

/** Null if the review names no digests. */
export function digestOfApproval(approved: Approved | undefined): string | null {
  return approved === undefined ? null : approvedDigest(approved);
}

/** The end of the run that this very call made before; null if it made none. Of a run that is open, the claim tells. */
export function launchedAlready(root: string, { approved, after }: ApprovalWanted): CommandResult | null {
  if (approved === null) return null;
  const last = lastRunFor(root, approved);
  if (last === null || last.opened.run_id === after) return null;
  const result = resultOfClosed(COMMAND, last);
  const { run_id: runId } = last.opened;
  const again = commandForAnother(lightState(root)?.stage, `autolab launch --approved ${approved} --after ${runId}`);
  return {
    ...result,
    message: sentences(`This approval was launched already, as ${runId}`, result.message),
    hint: again === null ? result.hint : sentences(result.hint, `To run it once more: ${again}`),
  };
}

const AFTER_A_RUN = ['extract_results', 'update_docs', 'decide_repeat'];

/** Null where somebody has to decide first. */
function commandForAnother(stage: string | undefined, launch: string): string | null {
  if (stage === 'launch') return launch;
  return stage !== undefined && AFTER_A_RUN.includes(stage) ? 'autolab rerun --by WHO' : null;
}

/** The last run of this approval, which `after` has to name for another one; null if there was none. */
export function runToFollow(root: string, approved: string | null): string | null {
  return approved === null ? null : (lastRunFor(root, approved)?.opened.run_id ?? null);
}

/** Why `after` names no run of the current iteration, or null. */
export function noSuchRunBefore(root: string, { after }: ApprovalWanted): Failure | null {
  const current = lightState(root)?.iteration_id;
  const isThere = listRuns(root).some(({ iterationId, runId }) => iterationId === current && runId === after);
  if (after === null || isThere) return null;
  return failureOf('run.not_found', {
    message: `There is no run ${JSON.stringify(after)} of this iteration, after which another one could begin.`,
  });
}

function lastRunFor(root: string, approved: string): RunView | null {
  const current = lightState(root)?.iteration_id;
  const views = listRuns(root)
    .filter(({ iterationId }) => iterationId === current)
    .flatMap((run) => {
      const peek = peekRun(root, run);
      return peek.kind === 'run' && peek.view.closed !== null && isFor(peek.view, approved) ? [peek.view] : [];
    });
  return views.toSorted((a, b) => (a.opened.prepared_at < b.opened.prepared_at ? -1 : 1)).at(-1) ?? null;
}

/** Why a launch as planned is not the one that was asked for; null if it is. Nothing was written, and nobody is sent back. */
export function notTheApproved(approved: Approved | undefined, { approved: wanted }: ApprovalWanted): Failure | null {
  const now = digestOfApproval(approved);
  if (wanted === null || now === wanted) return null;
  return failureOf('review.stale', {
    message:
      now === null
        ? 'The review names no digests, so there is no approval that --approved could name.'
        : `Another approval is asked for than the one that is there, which is ${now}.`,
    hint:
      now === null
        ? 'The reviewer approves again: autolab approve --by WHO'
        : 'See what is approved: autolab launch --dry-run --json',
  });
}
