import { CATALOG, type Code } from '../errors/catalog.ts';
import type { Failure } from '../errors/failure.ts';
import { executorOf } from '../executors/table.ts';
import { closedNow } from '../project/closed.ts';
import { broughtBack } from '../records/projection-sync.ts';
import type { OutcomeData } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import { cancelRequest, noteCancel } from '../run/cancel-request.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { reportingSlowWork } from '../run/slow-work.ts';
import type { Step, StepEnd } from '../run/step.ts';
import { freeAfterMany } from '../run/tasks/lean.ts';
import { closeRun, countFailure, noteLeft } from './close.ts';
import { salvage } from './salvage.ts';
import { stepsFor } from './steps.ts';
import { writeOutcome } from './write-outcome.ts';

/** Walks the step table: one step at a time, each written down before and after. Everything it knows is in the journal. */

export type DriveEnd =
  | { readonly kind: 'closed'; readonly stateInstead: string | null }
  /** The run stays open: its driver left, or a step will be retried. */
  | {
      readonly kind: 'open';
      readonly code: Code;
      readonly message: string;
      readonly hint?: string;
      readonly stateInstead: string | null;
    };

/** `steps`: the table of the run's executor, if it is left out. */
export async function drive(ctx: RunContext, steps?: readonly Step[]): Promise<DriveEnd> {
  try {
    freeAfterMany(ctx);
    const end = await walk(ctx, steps ?? (await stepsOf(ctx)));
    freeAfterMany(ctx);
    return end;
  } catch (error) {
    // If the entrypoint removed the run's folder during the step, that is what is reported: the journal went with it.
    ctx.lease.assertHeld();
    ctx.journal.assertIntact();
    throw error;
  }
}

function stepsOf(ctx: RunContext): Promise<readonly Step[]> {
  const { opened } = viewOf(ctx);
  return stepsFor(executorOf(opened), opened.tasks?.reuse !== undefined);
}

async function walk(ctx: RunContext, steps: readonly Step[]): Promise<DriveEnd> {
  const from = retryIndex(steps, viewOf(ctx));
  for (const [index, step] of steps.entries()) {
    const turn = turnOf(step, viewOf(ctx), from !== null && index >= from);
    if (turn.kind === 'settled') continue;
    if (turn.kind === 'over') return endBadly(ctx, turn.outcome);
    if (turn.kind === 'skip') {
      writeOutcome(ctx, step.name, 0, { status: 'skipped', reason: turn.reason });
      continue;
    }
    const cancelled = cancelledAfterEnd(ctx, step.name);
    if (cancelled !== null) return cancelled;
    const ended = await afterStep(ctx, step, await perform(ctx, step, turn.pending));
    freeAfterMany(ctx);
    if (ended !== null) return ended;
  }
  const kept = cancelledAfterEnd(ctx, 'close');
  if (kept !== null) return kept;
  return {
    kind: 'closed',
    stateInstead: closeRun(ctx, { code: 'run.completed', message: 'The run completed and everything was verified.' }),
  };
}

type Turn =
  /** Its outcome is final. */
  | { readonly kind: 'settled' }
  /** It failed for good. */
  | { readonly kind: 'over'; readonly outcome: OutcomeData }
  | { readonly kind: 'skip'; readonly reason: string }
  /** `pending`: its intent is journaled, and its outcome is unknown. */
  | { readonly kind: 'perform'; readonly pending: boolean };

/** What a step's turn is. `repeat`: an earlier step, or this one, is tried again. Pure. */
function turnOf(step: Pick<Step, 'name' | 'skip'>, view: RunView, repeat: boolean): Turn {
  const seen = view.steps.get(step.name);
  const outcome = seen?.outcome ?? null;
  if (outcome?.status === 'failed' && !outcome.retryable) return { kind: 'over', outcome };
  if (outcome !== null && !(repeat && outcome.status !== 'skipped')) return { kind: 'settled' };
  const reason = step.skip(view);
  return reason === null ? { kind: 'perform', pending: seen?.pending === true } : { kind: 'skip', reason };
}

/** The user wants to cancel a run that has ended: null if it continues to its close all the same. */
function cancelledAfterEnd(ctx: RunContext, at: string): DriveEnd | null {
  const view = viewOf(ctx);
  const by = ranToItsEnd(view) ? cancelRequest(ctx) : null;
  if (by === null) return null;
  const closed = closedNow(ctx.root, view.opened);
  if (closed !== null) return keepOpen(ctx, at, by, closed);
  if (view.lastFailure === null) return null;
  // Its work is done but not proven: it is closed as it is.
  noteCancel(ctx, at, by);
  const message = `The run was cancelled; it had ended, but ${view.lastFailure.message}`;
  return { kind: 'closed', stateInstead: closeRun(ctx, { code: 'run.cancelled', message }) };
}

/** What completed is not called cancelled, and a closed experiment is not completed: a person decides. */
function keepOpen(ctx: RunContext, at: string, by: string, { code, message, hint }: Failure): DriveEnd {
  noteCancel(ctx, at, by);
  const reason = { code, message: `The run had ended before it could be cancelled. ${message}`, hint };
  noteLeft(ctx, reason);
  return { kind: 'open', ...reason, stateInstead: null };
}

/** Writes down how a step ended. Returns null if the next one follows. */
async function afterStep(ctx: RunContext, step: Step, end: StepEnd): Promise<DriveEnd | null> {
  if (end.kind === 'paused') {
    noteLeft(ctx, { code: end.code, message: end.message, hint: end.hint ?? CATALOG[end.code].hint });
    return { kind: 'open', code: end.code, message: end.message, ...hintOf(end), stateInstead: null };
  }
  const outcome = finishStep(ctx, step.name, end);
  if (outcome.status !== 'failed') return null;
  if (!outcome.retryable) return endBadly(ctx, outcome, hintOf(end));
  const failure = { ...reasonOf(outcome), ...hintOf(end) };
  return { kind: 'open', ...failure, stateInstead: countFailure(ctx, failure) };
}

/** Its last step but those that bring it home is done: the run itself has ended well. Pure. */
export function ranToItsEnd(view: RunView): boolean {
  const last = executorOf(view.opened).stepNames.at(-1);
  return view.steps.get(last ?? '')?.outcome?.status === 'done';
}

/** After a failed step that is to be retried: the index in the table from which to start again. */
function retryIndex(steps: readonly Step[], view: RunView): number | null {
  const failed = steps.find((step) => view.steps.get(step.name)?.outcome?.retryable === true);
  if (failed === undefined) return null;
  return steps.findIndex((step) => step.name === (failed.retryFrom ?? failed.name));
}

async function perform(ctx: RunContext, step: Step, pending: boolean): Promise<StepEnd> {
  ctx.emit({ type: 'step', step: step.name, status: 'started', message: null });
  if (pending) return reportingSlowWork(ctx, step.name, () => step.reconcile(ctx));
  const attempt = (viewOf(ctx).steps.get(step.name)?.attempts ?? 0) + 1;
  ctx.journal.append(step.name, 'step.intent', { ...step.intent(ctx), attempt });
  return reportingSlowWork(ctx, step.name, () => step.run(ctx));
}

function finishStep(ctx: RunContext, name: string, end: Exclude<StepEnd, { kind: 'paused' }>): OutcomeData {
  const attempt = viewOf(ctx).steps.get(name)?.attempts ?? 1;
  const common = {
    message: end.message ?? null,
    writes: end.writes ?? [],
    result: { ...end.result },
    ...(end.transfer === undefined ? {} : { transfer: end.transfer }),
  };
  if (end.kind === 'done') return writeOutcome(ctx, name, attempt, { status: 'done', ...common });
  return writeOutcome(ctx, name, attempt, {
    status: 'failed',
    code: end.code,
    retryable: end.retryable,
    recommendations: end.recommendations ?? [],
    ...common,
  });
}

function reasonOf(outcome: OutcomeData): { code: Code; message: string } {
  return { code: outcome.code ?? 'internal', message: outcome.message ?? '' };
}

function hintOf(end: StepEnd): { readonly hint?: string } {
  return 'hint' in end ? { hint: end.hint } : {};
}

/** The run failed: keeps what it left as partial, and closes the run. */
async function endBadly(
  ctx: RunContext,
  outcome: OutcomeData,
  hint: { readonly hint?: string } = {},
): Promise<DriveEnd> {
  // They are here already if the run ended well, and one of its tasks left too little.
  if (broughtBack(viewOf(ctx))?.status !== 'done') await salvage(ctx);
  const { recommendations } = outcome;
  return { kind: 'closed', stateInstead: closeRun(ctx, { ...reasonOf(outcome), ...hint, recommendations }) };
}
