import type { Code } from '../errors/catalog.ts';
import { leftToCollect } from '../executors/slurm/collected.ts';
import type { OutcomeData, TransferRecord } from '../records/run-data.ts';
import type { RunView } from '../records/run-view.ts';
import { collectArtifacts } from '../run/artifacts.ts';
import { cancelRequest, noteCancel } from '../run/cancel-request.ts';
import { type RunContext, viewOf, writeManifest } from '../run/context.ts';
import type { Step, StepEnd } from '../run/step.ts';
import { type FarSite, siteOfRun } from '../sites/site.ts';
import { fetchOutputs } from '../sites/ssh/fetch.ts';
import { gatherThere } from '../sites/ssh/gather-there.ts';
import { closeRun, countFailure } from './close.ts';
import { STEPS } from './steps.ts';

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
  const from = retryIndex(viewOf(ctx));
  for (const [index, step] of STEPS.entries()) {
    const view = viewOf(ctx);
    if (step.only !== undefined && step.only !== view.opened.launch_mode) continue;
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
    const by = view.lastFailure === null || !ranToItsEnd(view) ? null : cancelRequest(ctx);
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

function ranToItsEnd(view: RunView): boolean {
  return ['execute', 'confirm'].some((name) => view.steps.get(name)?.outcome?.status === 'done');
}

/** Where a step failed that is to be tried again: the index from which the table is walked anew. */
function retryIndex(view: RunView): number | null {
  const failed = STEPS.find((step) => view.steps.get(step.name)?.outcome?.retryable === true);
  if (failed === undefined) return null;
  return STEPS.findIndex((step) => step.name === (failed.retryFrom ?? failed.name));
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

function writeOutcome(
  ctx: RunContext,
  name: string,
  attempt: number,
  parts: Partial<OutcomeData> & Pick<OutcomeData, 'status'>,
): OutcomeData {
  const outcome: OutcomeData = {
    attempt,
    retryable: false,
    code: null,
    message: null,
    reason: null,
    recommendations: [],
    writes: [],
    result: {},
    ...parts,
  };
  ctx.journal.append(name, 'step.outcome', outcome);
  ctx.emit({ type: 'step', step: name, status: outcome.status, message: outcome.message ?? outcome.reason });
  return outcome;
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

interface Salvaged {
  readonly problems: readonly string[];
  readonly transfer?: TransferRecord;
}

/** What can be had from the other host; why the rest cannot. A run that was never submitted left nothing there. */
async function salvageThere(ctx: RunContext, far: FarSite): Promise<Salvaged> {
  if (viewOf(ctx).job === null) return { problems: [] };
  const { problems } = await gatherThere(ctx, far, leftToCollect(viewOf(ctx), ctx.paths));
  const fetched = await fetchOutputs(ctx, far, 'salvage', true);
  if (fetched.kind === 'failed') return { problems: [...problems, fetched.words], transfer: fetched.transfer };
  if (fetched.kind === 'unrecordable') return { problems: [...problems, ...fetched.problems] };
  return { problems: [...problems, ...fetched.transfer.diagnosis], transfer: fetched.transfer };
}

/** Off the success path: digests logs and partial outputs. It never makes a sync `ok`, and never keeps a run from being closed. */
async function salvage(ctx: RunContext): Promise<void> {
  const seen = viewOf(ctx).steps.get('salvage');
  if (seen?.outcome) return;
  ctx.emit({ type: 'step', step: 'salvage', status: 'started', message: null });
  if (seen?.pending !== true) ctx.journal.append('salvage', 'step.intent', { attempt: 1 });
  const { far } = siteOfRun(ctx);
  const left: Salvaged = far === null ? { problems: [] } : await salvageThere(ctx, far);
  const { record, writes, ...collected } = await collectArtifacts(
    ctx.paths,
    viewOf(ctx).opened.artifacts,
    true,
    far === null ? leftToCollect(viewOf(ctx), ctx.paths) : { specs: [], gone: null },
  );
  const problems = [...left.problems, ...collected.problems];
  const message =
    problems[0] === undefined
      ? `${record.files} files kept as partial`
      : `not everything could be kept: ${problems.slice(0, 5).join('; ')}`;
  const transfer = left.transfer === undefined ? {} : { transfer: left.transfer };
  writeOutcome(ctx, 'salvage', 1, { status: 'done', message, writes, result: record, ...transfer });
}
