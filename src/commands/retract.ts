import { unrecordedRun } from '../executors/table.ts';
import { guardPlace } from '../plan/guard.ts';
import { AGENT_RESULT } from '../records/paths.ts';
import {
  type AboutRun,
  aboutRun,
  type AgentResult,
  resultOfBegunRun,
  resultOfEnd,
  saysComplete,
  saysOpen,
  writeAgentResult,
} from '../run/agent-result.ts';
import { type ActiveRun, claimIsDamaged, findActive } from '../run/claim.ts';
import { takeLease } from '../run/lease.ts';
import { lightPosition, lightState } from '../run/light-state.ts';
import { peekRun } from '../run/session.ts';

/**
 * A call that was refused writes nothing, with two exceptions: an `agent_result.json` that still says `complete`, of an
 * older run, while this one is open, and one that calls a run open which never was, or is not any more. A program that
 * reads only that file would go on without the run, or wait for it forever.
 */

/** Does the work of a verb that leaves or ends a run, and looks at agent_result.json once more, however it ended. */
export async function withTrueResult<T>(root: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } finally {
    correct(root);
  }
}

function correct(root: string): void {
  try {
    if (guardPlace(root, AGENT_RESULT) !== null || trueResult(root) === null) return;
    // A living driver wrote the file when it began, and will write it when it leaves.
    const taken = takeLease(root, 'autolab');
    if (!taken.ok) return;
    try {
      const result = trueResult(root);
      if (result !== null) writeAgentResult(root, result);
    } finally {
      taken.lease.release();
    }
  } catch {
    // What stands in the way of this one file is not what the call is about.
  }
}

/** What the file should say, if what it says is not so; null if it may be true. */
function trueResult(root: string): AgentResult | null {
  const active = findActive(root);
  if (active.kind === 'several') return null;
  if (active.kind === 'none') {
    const runId = saysOpen(root);
    const mayBe = runId === null || claimIsDamaged(root) || unrecordedRun(root) !== null;
    return mayBe ? null : resultWithoutRun(root, runId);
  }
  const about = saysComplete(root) ? aboutActive(root, active.run) : null;
  return about === null ? null : resultOfBegunRun(about);
}

/** Null if what the file says may be true: its run has ended, and only the last writes of its driver are missing. */
function aboutActive(root: string, run: ActiveRun): AboutRun | null {
  const peek = peekRun(root, run);
  if (peek.kind === 'run')
    return peek.view.closed !== null && saysComplete(root, run.runId) ? null : aboutRun(peek.view);
  return {
    runId: run.runId,
    iterationId: run.iterationId,
    experimentId: run.claim?.experiment_id ?? null,
    position: lightPosition(root),
    changedFiles: [AGENT_RESULT],
  };
}

/** A driver was killed after it wrote the file and before its claim, or the file is older than the end of the run. */
function resultWithoutRun(root: string, runId: string): AgentResult {
  const state = lightState(root);
  const about = {
    runId,
    iterationId: state?.iteration_id ?? '',
    experimentId: state?.experiment_id ?? null,
    changedFiles: [AGENT_RESULT],
  };
  return {
    ...resultOfEnd(about, {
      code: 'run.none_active',
      summary: `There is no active run; ${runId} is not open.`,
      after: lightPosition(root),
      counted: null,
      recommendations: [],
    }),
    // The stage says nothing about this run.
    status: 'needs_retry',
    completion_token_seen: false,
  };
}
