import { historyEntry } from '../engine/close.ts';
import type { GateFailure } from '../plan/plan.ts';
import { isAsGuarded } from '../plan/prepare.ts';
import { sentences } from '../platform/sentence.ts';
import { now } from '../platform/time.ts';
import { AGENT_RESULT, STATE } from '../records/paths.ts';
import { type AgentResult, resultOfEnd, writeAgentResult } from '../run/agent-result.ts';
import { clearClaim, hasClaimFile, readClaim } from '../run/claim.ts';
import type { Lease } from '../run/lease.ts';
import { type Transition, transitionFor, wasCounted } from '../run/outcome.ts';
import { acquireLease, type LaunchEnvironment } from '../run/session.ts';
import { changeState } from '../run/state-file.ts';
import { type CommandResult, resultOfFailure } from './result.ts';

/** A launch that the gate refused. */

const COMMAND = 'launch';

/** The workflow goes back, and agent_result.json says why. No run folder is made. */
export function writeGateFailure(
  env: LaunchEnvironment,
  gate: GateFailure,
  unopened: string | null,
): CommandResult | 'again' {
  const leased = acquireLease(env, null);
  if (!leased.ok) return resultOfFailure(COMMAND, leased.failure);
  const lease: Lease = leased.value;
  try {
    if (!isAsGuarded(env.root, gate.guardDigest)) return 'again';
    // A claim whose driver died before its first line would continue a launch that no longer passes the gate.
    if (unopened !== null && readClaim(env.root)?.run_id === unopened) clearClaim(env.root, unopened);
    if (hasClaimFile(env.root)) return 'again';
    const { failure, position } = gate;
    const transition = transitionFor(failure.code, position);
    const instead = changeState(env.root, {
      iterationId: gate.iterationId,
      before: position,
      after: transition.after,
      patch: {},
      isDone: () => false,
      history: historyEntry(now(), null, { ...transition, code: failure.code }),
    });
    if (instead !== null) return 'again';
    writeAgentResult(env.root, gateAgentResult(gate, transition));
    return gateResult(gate, true);
  } finally {
    lease.release();
  }
}

function gateAgentResult(gate: GateFailure, transition: Transition): AgentResult & Readonly<Record<string, unknown>> {
  const { failure, iterationId, experimentId } = gate;
  const run = { runId: null, iterationId, experimentId, changedFiles: [STATE, AGENT_RESULT] };
  const summary = sentences(failure.message, failure.hint);
  const { recommendations } = failure;
  return {
    ...resultOfEnd(run, {
      code: failure.code,
      summary,
      after: transition.after,
      counted: wasCounted(transition),
      recommendations,
    }),
    problems: failure.problems,
    probes: gate.host?.probes ?? null,
    open_todo: gate.openTodo,
  };
}

/** A dry run reports what would become of the workflow and changes nothing. */
export function dryRunOfGate(gate: GateFailure): CommandResult {
  return gateResult(gate, false);
}

function gateResult(gate: GateFailure, moved: boolean): CommandResult {
  const transition = transitionFor(gate.failure.code, gate.position);
  const { before, after, outcome } = transition;
  return resultOfFailure(COMMAND, gate.failure, {
    outcome: moved ? outcome : 'needs_retry',
    iteration_id: gate.iterationId,
    experiment_id: gate.experimentId,
    host_mode: gate.host?.mode ?? null,
    stage_before: before.stage,
    stage_after: moved ? after.stage : before.stage,
    stage_attempt: moved ? after.stage_attempt : before.stage_attempt,
    max_stage_attempts: before.max_stage_attempts,
    attempt_counted: moved && wasCounted(transition),
  });
}
