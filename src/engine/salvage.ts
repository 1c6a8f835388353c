import { executorOf } from '../executors/table.ts';
import type { TransferRecord } from '../records/run-data.ts';
import { collectArtifacts } from '../run/artifacts.ts';
import type { LeftToCollect } from '../run/collect-script.ts';
import { type RunContext, viewOf } from '../run/context.ts';
import { type FarSite, siteOfRun } from '../sites/site.ts';
import { fetchOutputs } from '../sites/ssh/fetch.ts';
import { gatherThere } from '../sites/ssh/gather-there.ts';
import { writeOutcome } from './write-outcome.ts';

/** Keeps what a failed run left, as partial, off the success path. */

interface Salvaged {
  readonly problems: readonly string[];
  readonly transfer?: TransferRecord;
}

/** Fetches what it can from the remote host, and says why the rest is missing. An unsubmitted run left nothing. */
async function salvageThere(ctx: RunContext, far: FarSite, left: LeftToCollect): Promise<Salvaged> {
  if (viewOf(ctx).job === null) return { problems: [] };
  const { problems } = await gatherThere(ctx, far, left);
  const fetched = await fetchOutputs(ctx, far, 'salvage', true);
  if (fetched.kind === 'failed') return { problems: [...problems, fetched.words], transfer: fetched.transfer };
  if (fetched.kind === 'unrecordable') return { problems: [...problems, ...fetched.problems] };
  return { problems: [...problems, ...fetched.transfer.diagnosis], transfer: fetched.transfer };
}

/** Off the success path: digests logs and partial outputs. It never makes a sync `ok`, and never keeps a run from being closed. */
export async function salvage(ctx: RunContext): Promise<void> {
  const seen = viewOf(ctx).steps.get('salvage');
  if (seen?.outcome) return;
  ctx.emit({ type: 'step', step: 'salvage', status: 'started', message: null });
  if (seen?.pending !== true) ctx.journal.append('salvage', 'step.intent', { attempt: 1 });
  const { far } = siteOfRun(ctx);
  const view = viewOf(ctx);
  const toCollect = await executorOf(view.opened).leftToCollect(view, ctx.paths);
  const left: Salvaged = far === null ? { problems: [] } : await salvageThere(ctx, far, toCollect);
  const { record, writes, ...collected } = await collectArtifacts(
    ctx.paths,
    view.opened.artifacts,
    true,
    far === null ? toCollect : { specs: [], gone: null },
  );
  const problems = [...left.problems, ...collected.problems];
  const message =
    problems[0] === undefined
      ? `${record.files} files kept as partial`
      : `not everything could be kept: ${problems.slice(0, 5).join('; ')}`;
  const transfer = left.transfer === undefined ? {} : { transfer: left.transfer };
  writeOutcome(ctx, 'salvage', 1, { status: 'done', message, writes, result: record, ...transfer });
}
