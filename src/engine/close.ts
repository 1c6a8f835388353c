import { join } from 'node:path';
import { CATALOG, type Code } from '../errors/catalog.ts';
import type { Recommendation } from '../errors/failure.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { removeFolder } from '../platform/files.ts';
import { sentences } from '../platform/sentence.ts';
import { type ClosedExperiment, closedNow } from '../project/closed.ts';
import { lastOf } from '../records/journal-events.ts';
import { DIGEST_CACHE } from '../records/paths.ts';
import { syncStatusOf } from '../records/projection-sync.ts';
import type { AttemptFailedData, ClosedData, PositionData } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import type { TasksResult } from '../records/tasks/task-summary.ts';
import {
  aboutRun,
  type EndedBecause,
  type LeftBecause,
  resultOfEnd,
  resultOfOpenRun,
  writeAgentResult,
} from '../run/agent-result.ts';
import { withApproval } from '../run/approve-first.ts';
import { clearClaim } from '../run/claim.ts';
import { type RunContext, viewOf, writeManifest } from '../run/context.ts';
import { noteOutcome } from '../run/notification.ts';
import { outcomeOfClosed, transitionFor, wasCounted } from '../run/outcome.ts';
import { changeState, type StateChange } from '../run/state-file.ts';
import { adviceOnTasks } from '../run/tasks/advice.ts';
import { recordTaskResults } from '../run/tasks/results.ts';
import { removeScratch } from './remove-scratch.ts';

/** The end of a run: one line with the whole decision, then four writes that may be repeated, the claim last. */

export interface CloseReason {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
  readonly recommendations?: readonly Recommendation[];
  /** The stage that the reviewer chose, instead of the code's. */
  readonly after?: PositionData;
}

/**
 * Pure: what closing for this reason means. `shut`: the experiment was closed meanwhile, so that no launch follows.
 * `tasks`: what came of them, if the run has many.
 */
function decideClose(
  view: RunView,
  reason: CloseReason,
  { shut, tasks }: { readonly shut: ClosedExperiment | null; readonly tasks: TasksResult | null },
): ClosedData {
  const transition = transitionFor(reason.code, view.position);
  const { before, outcome } = transition;
  const after = reason.after ?? transition.after;
  const completed = outcome === 'completed';
  const counted = completed ? null : wasCounted({ before, after });
  const next = after.stage === 'launch' ? shut : null;
  const { code } = reason;
  const hint = next?.hint ?? withApproval(code, reason.hint ?? CATALOG[code].hint, view.opened.approved);
  const recommendations = reason.recommendations ?? [];
  const sync = syncStatusOf(view) === 'ok' ? 'ok' : 'failed';
  return {
    code: reason.code,
    outcome: closedOutcome(outcome),
    status: completed ? 'completed' : reason.code === 'run.accepted' ? 'synced' : 'failed',
    message: reason.message,
    hint,
    sync_status: sync,
    before,
    after,
    ...inFormat2(view, { attempt_counted: counted }),
    ...(tasks === null ? {} : { tasks }),
    recommendations,
    agent_result: closedResult(view, {
      code: reason.code,
      summary: sentences(reason.message, hint),
      after,
      counted,
      recommendations,
      ...(next === null ? {} : { command: next.command }),
      ...(tasks === null ? {} : { tasks: tasks.by_state }),
    }),
  };
}

/** What the records of format 1 lack. */
function inFormat2<T extends object>(view: RunView, keys: T): T | Record<string, never> {
  return view.opened.format === 1 ? {} : keys;
}

function closedOutcome(outcome: string): ClosedData['outcome'] {
  if (outcome === 'completed' || outcome === 'cancelled' || outcome === 'human_review') return outcome;
  return 'needs_retry';
}

/** Of a run that has ended. Pure. */
function closedResult(view: RunView, end: EndedBecause): ClosedData['agent_result'] {
  const { attempt_counted, run_open, next_command, ...others } = resultOfEnd(aboutRun(view), end);
  return { ...others, ...inFormat2(view, { attempt_counted, run_open, next_command }) };
}

/** Journals the decision and does what follows from it. Returns what was found in place of the expected state.json. */
export function closeRun(ctx: RunContext, reason: CloseReason): string | null {
  const view = viewOf(ctx);
  const tasks = recordTaskResults(ctx);
  const given = reason.recommendations ?? [];
  const recommendations = given.length > 0 || tasks === null ? given : adviceOnTasks(ctx.paths, view, tasks.results);
  const facts = { shut: closedNow(ctx.root, view.opened), tasks: tasks?.summary ?? null };
  ctx.journal.append('close', 'run.closed', decideClose(view, { ...reason, recommendations }, facts));
  // Whatever made the difference, the next launch reads every file.
  if (/\.(?:code|inputs)_changed$/.test(reason.code)) removeFolder(join(ctx.root, DIGEST_CACHE));
  return finishClose(ctx);
}

/** The four writes after `run.closed`; repeated by any command that still finds the claim. */
export function finishClose(ctx: RunContext): string | null {
  const view = viewOf(ctx);
  const { closed, opened } = view;
  if (closed === null) throw new Error('the run is not closed');
  writeManifest(ctx);
  const instead = changeState(ctx.root, {
    iterationId: opened.iteration_id,
    before: closed.before,
    after: closed.after,
    patch: { last_run_id: opened.run_id, pending_run_id: '', sync_status: closed.sync_status },
    isDone: (state) => state.last_run_id === opened.run_id && state.pending_run_id === null,
    history: historyEntry(closed.at, opened.run_id, closed),
  });
  crashPoint('close.state_written');
  ctx.lease.assertHeld();
  writeAgentResult(ctx.root, instead === null ? closed.agent_result : unmoved(closed.agent_result, instead));
  crashPoint('close.agent_result_written');
  note(ctx, outcomeOfClosed(closed), ctx.journal.entries.length);
  removeScratch(ctx.root, view);
  clearClaim(ctx.root, opened.run_id);
  crashPoint('close.claim_cleared');
  return instead;
}

/** The run is over, and state.json does not say so: whoever reads only this file must not go on. Pure. */
function unmoved(result: ClosedData['agent_result'], instead: string): ClosedData['agent_result'] {
  const { summary } = result;
  return {
    ...result,
    status: 'needs_retry',
    code: 'state.changed',
    completion_token_seen: false,
    summary: sentences(String(summary), `But ${instead}: autolab left it as it is.`),
    next_command: null,
  };
}

/** A step failed that will be retried: the run stays open, and the failure is counted. */
export function countFailure(
  ctx: RunContext,
  reason: Pick<AttemptFailedData, 'code' | 'message' | 'hint'>,
): string | null {
  const view = viewOf(ctx);
  const { before, after } = transitionFor(reason.code, view.position);
  const counted = inFormat2(view, { attempt_counted: wasCounted({ before, after }) });
  const data: AttemptFailedData = { ...reason, before, after, ...counted };
  ctx.journal.append('close', 'attempt.failed', data);
  crashPoint('close.failure_counted');
  return settleFailure(ctx, data);
}

/** Writes a counted failure into state.json and agent_result.json; harmless to repeat. */
export function settleFailure(ctx: RunContext, failure: AttemptFailedData): string | null {
  writeManifest(ctx);
  const view = viewOf(ctx);
  const instead = changeState(ctx.root, {
    iterationId: view.opened.iteration_id,
    before: failure.before,
    after: failure.after,
    patch: { sync_status: syncStatusOf(view) === 'ok' ? 'ok' : 'failed' },
    // One that is not counted leaves the position as it was: only the history says that it was noted.
    isDone: () => wasCounted(failure),
    history: historyEntry(lastOf(ctx.journal.entries, 'attempt.failed')?.at ?? '', view.opened.run_id, {
      ...failure,
      outcome: 'needs_retry',
    }),
  });
  const hint = failure.hint ?? CATALOG[failure.code].hint;
  const about = { ...aboutRun(view), position: failure.after };
  const result = resultOfOpenRun(about, { ...failure, hint, counted: wasCounted(failure) });
  writeAgentResult(ctx.root, result);
  const line = lastOf(ctx.journal.entries, 'attempt.failed')?.seq;
  if (line !== undefined) note(ctx, outcomeOfClosed({ ...failure, outcome: 'needs_retry' }), line);
  return instead;
}

/** For whoever is to be informed. */
function note(ctx: RunContext, outcome: string, line: number): void {
  const { run_id, iteration_id, experiment_id } = viewOf(ctx).opened;
  const problem = noteOutcome(ctx.root, { run_id, iteration_id, experiment_id, line, outcome });
  if (problem !== null) ctx.emit({ type: 'note', message: `The notification could not be noted: ${problem}` });
}

/** A driver leaves, and the run stays open. */
export function noteLeft(ctx: RunContext, reason: LeftBecause): void {
  writeManifest(ctx);
  writeAgentResult(ctx.root, resultOfOpenRun(aboutRun(viewOf(ctx)), reason));
  crashPoint('leave.agent_result_written');
}

interface Decision {
  readonly code: Code;
  readonly outcome: string;
  readonly before: PositionData;
  readonly after: PositionData;
}

export function historyEntry(at: string, runId: string | null, decision: Decision): StateChange['history'] {
  return {
    at,
    by: 'autolab launch',
    code: decision.code,
    outcome: decision.outcome,
    run_id: runId,
    stage_before: decision.before.stage,
    stage_after: decision.after.stage,
    stage_attempt: decision.after.stage_attempt,
    attempt_counted: decision.outcome === 'completed' ? null : wasCounted(decision),
  };
}
