import { executorOf } from '../executors/table.ts';
import { collectArtifacts } from '../run/artifacts.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { observeRun } from '../run/observe.ts';
import { carrierOf } from '../sites/table.ts';
import { writeOutcome } from './write-outcome.ts';

/** Keeps what a failed run left, as partial, off the success path. */

/** Off the success path: digests logs and partial outputs. It never makes a sync `ok`, and never keeps a run from being closed. */
export async function salvage(ctx: RunContext): Promise<void> {
  const seen = viewOf(ctx).steps.get('salvage');
  if (seen?.outcome) return;
  ctx.emit({ type: 'step', step: 'salvage', status: 'started', message: null });
  if (seen?.pending !== true) ctx.journal.append('salvage', 'step.intent', { attempt: 1 });
  const view = viewOf(ctx);
  const toCollect = await executorOf(view.opened).leftToCollect(view, ctx.paths);
  const fetched = await carrierOf(ctx).salvage(ctx, toCollect);
  await observeRun(ctx, 'salvage');
  const { record, writes, ...collected } = await collectArtifacts(ctx.paths, view.opened, true, fetched.left);
  const problems = [...fetched.problems, ...collected.problems];
  const message =
    problems[0] === undefined
      ? `${record.files} files kept as partial`
      : `not everything could be kept: ${problems.slice(0, 5).join('; ')}`;
  const transfer = fetched.transfer === undefined ? {} : { transfer: fetched.transfer };
  writeOutcome(ctx, 'salvage', 1, { status: 'done', message, writes, result: record, ...transfer });
}
