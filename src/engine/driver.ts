import type { Code } from '../errors/catalog.ts';
import type { Executor } from '../executors/executor.ts';
import { executorOf } from '../executors/table.ts';
import type { OutcomeData } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import { cancelRequest, noteCancel } from '../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../run/context.ts';
import type { Step, StepEnd } from '../run/step.ts';
import { closeRun, countFailure } from './close.ts';
import { salvage } from './salvage.ts';
import { stepsFor } from './steps.ts';
import { writeOutcome } from './write-outcome.ts';

/** Walks the step table: one step at a time, each written down before and after. Everything it knows is in the journal. */

export type DriveEnd =
  | { readonly kind: 'closed'; readonly stateInstead: string | null }
  /** The run stays open: nobody drives it, or a step will be retried. */
  | {
      readonly kind: 'open';
      readonly code: Code;
      readonly message: string;
      readonly hint?: string;
      readonly stateInstead: string | null;
    };

export async function drive(ctx: RunContext): Promise<DriveEnd> {
  try {
    return await walk(ctx);
  } catch (error) {
    // Where the entrypoint removed the run's folder under our hands, that is what is told: the journal went with it.
    ctx.lease.assertHeld();
    ctx.journal.assertIntact();
    throw error;
  }
}

async function walk(ctx: RunContext): Promise<DriveEnd> {
  const executor = executorOf(viewOf(ctx).opened);
  const steps = await stepsFor(executor);
  const from = retryIndex(steps, viewOf(ctx));
  for (const [index, step] of steps.entries()) {
    const view = viewOf(ctx);
    const seen = view.steps.get(step.name);
    const repeat = from !== null && index >= from && seen?.outcome?.status !== 'skipped';
    if (seen?.outcome?.status === 'failed' && !seen.outcome.retryable) return endBadly(ctx, seen.outcome);
    if (seen?.outcome && !repeat) continue;
    const reason = step.skip(view);
    if (reason !== null) {
      writeOutcome(ctx, step.name, 0, { status: 'skipped', reason });
      continue;
    }
    // A run whose work is done but not proven can be cancelled too: then it is closed as it is.
    const by = view.lastFailure === null || !ranToItsEnd(executor, view) ? null : cancelRequest(ctx);
    if (by !== null) {
      noteCancel(ctx, step.name, by);
      return {
        kind: 'closed',
        stateInstead: closeRun(ctx, {
          code: 'run.cancelled',
          message: `The run was cancelled; it had ended, but ${view.lastFailure?.message ?? ''}`,
        }),
      };
    }
    const end = await perform(ctx, step, seen?.pending === true);
    if (end.kind === 'paused') {
      writeManifest(ctx);
      return { kind: 'open', code: end.code, message: end.message, ...hintOf(end), stateInstead: null };
    }
    const outcome = finishStep(ctx, step.name, end);
    if (outcome.status !== 'failed') continue;
    if (!outcome.retryable) return endBadly(ctx, outcome, hintOf(end));
    const failure = { ...reasonOf(outcome), ...hintOf(end) };
    return { kind: 'open', ...failure, stateInstead: countFailure(ctx, failure) };
  }
  return {
    kind: 'closed',
    stateInstead: closeRun(ctx, { code: 'run.completed', message: 'The run completed and everything was verified.' }),
  };
}

function ranToItsEnd({ stepNames }: Executor, view: RunView): boolean {
  return view.steps.get(stepNames.at(-1) ?? '')?.outcome?.status === 'done';
}

/** Where a step failed that is to be tried again: the index from which the table is walked anew. */
function retryIndex(steps: readonly Step[], view: RunView): number | null {
  const failed = steps.find((step) => view.steps.get(step.name)?.outcome?.retryable === true);
  if (failed === undefined) return null;
  return steps.findIndex((step) => step.name === (failed.retryFrom ?? failed.name));
}

async function perform(ctx: RunContext, step: Step, pending: boolean): Promise<StepEnd> {
  ctx.emit({ type: 'step', step: step.name, status: 'started', message: null });
  if (pending) return step.reconcile(ctx);
  const attempt = (viewOf(ctx).steps.get(step.name)?.attempts ?? 0) + 1;
  ctx.journal.append(step.name, 'step.intent', { ...step.intent(ctx), attempt });
  return step.run(ctx);
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

/** The run ended badly: what it left is kept as partial, and the run is closed. */
async function endBadly(
  ctx: RunContext,
  outcome: OutcomeData,
  hint: { readonly hint?: string } = {},
): Promise<DriveEnd> {
  await salvage(ctx);
  const { recommendations } = outcome;
  return { kind: 'closed', stateInstead: closeRun(ctx, { ...reasonOf(outcome), ...hint, recommendations }) };
}
