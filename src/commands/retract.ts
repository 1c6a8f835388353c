import { guardPlace } from '../plan/guard.ts';
import { AGENT_RESULT } from '../records/paths.ts';
import { type AboutRun, aboutRun, resultOfBegunRun, saysComplete, writeAgentResult } from '../run/agent-result.ts';
import { type ActiveRun, findActive } from '../run/claim.ts';
import { takeLease } from '../run/lease.ts';
import { lightState } from '../run/light-state.ts';
import { peekRun } from '../run/session.ts';

/**
 * A call that was refused writes nothing, with one exception: an `agent_result.json` that still says `complete`, of an
 * older run, while this one is open. A program that reads only that file would go on without the run.
 */

/** Does the work of a verb that leaves or ends a run, and looks at agent_result.json once more, however it ended. */
export async function withTrueResult<T>(root: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } finally {
    retractComplete(root);
  }
}

function retractComplete(root: string): void {
  try {
    if (guardPlace(root, AGENT_RESULT) === null && saysComplete(root)) retractWithLease(root);
  } catch {
    // What stands in the way of this one file is not what the call is about.
  }
}

/** A living driver wrote the file when it began, and will write it when it leaves. */
function retractWithLease(root: string): void {
  if (findActive(root).kind !== 'one') return;
  const taken = takeLease(root, 'autolab');
  if (!taken.ok) return;
  try {
    const active = findActive(root);
    const about = active.kind === 'one' ? aboutActive(root, active.run) : null;
    if (about !== null && saysComplete(root)) writeAgentResult(root, resultOfBegunRun(about));
  } finally {
    taken.lease.release();
  }
}

/** Null if what the file says may be true: its run has ended, and only the last writes of its driver are missing. */
function aboutActive(root: string, run: ActiveRun): AboutRun | null {
  const peek = peekRun(root, run);
  if (peek.kind === 'run')
    return peek.view.closed !== null && saysComplete(root, run.runId) ? null : aboutRun(peek.view);
  const state = lightState(root);
  const { stage = 'launch', stage_attempt = 0, max_stage_attempts = null } = state ?? {};
  return {
    runId: run.runId,
    iterationId: run.iterationId,
    experimentId: run.claim?.experiment_id ?? null,
    position: { stage, stage_attempt, max_stage_attempts: max_stage_attempts ?? 0 },
    changedFiles: [AGENT_RESULT],
  };
}
