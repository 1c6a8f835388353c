import { besides } from '../../platform/listing.ts';
import { cancelRequest, noteCancel } from '../../run/cancel-request.ts';
import { wasStopped } from '../../run/cancel-request.ts';
import type { LeftToCollect } from '../../run/collect-script.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { incomplete } from '../../run/incomplete.ts';
import type { FarSite } from '../../run/site.ts';
import type { StepEnd } from '../../run/step.ts';
import type { Carrier, Salvaged, TextsBeside } from '../carrier.ts';
import { fetchOutputs } from './fetch.ts';
import { gatherThere } from './gather-there.ts';
import { sendRun } from './send.ts';
import { stoppedTransfer } from './travel.ts';

/** A host that does not see this project: the code is sent, and the outputs are fetched, over ssh. */
export function overSsh(far: FarSite): Carrier {
  return {
    usesWorkTree: false,
    send: async (ctx, beside) => sendUnlessCancelled(ctx, far, await beside(far.paths.folder)),
    gather: (ctx, left) => gather(ctx, far, left),
    bringBack: (ctx) => bringBack(ctx, far),
    salvage: (ctx, left) => salvageThere(ctx, far, left),
  };
}

async function sendUnlessCancelled(ctx: RunContext, far: FarSite, beside: TextsBeside): Promise<StepEnd> {
  const end = cancelRequest(ctx) === null ? await sendRun(ctx, far, beside) : null;
  const by = cancelRequest(ctx);
  if (end !== null && (end.kind === 'done' || by === null)) return end;
  noteCancel(ctx, 'sync_to_remote', by ?? '');
  return {
    kind: 'failed',
    code: 'run.cancelled',
    retryable: false,
    message: 'The run was cancelled before a job was submitted.',
  };
}

async function gather(ctx: RunContext, far: FarSite, left: LeftToCollect): Promise<StepEnd> {
  const { gathered, problems, isGone } = await gatherThere(ctx, far, left);
  if (problems.length > 0) return wasStopped(ctx) ? stoppedTransfer(ctx) : incomplete({ problems, writes: [], isGone });
  return { kind: 'done', message: `${gathered} gathered on ${far.ssh.name}` };
}

async function bringBack(ctx: RunContext, far: FarSite): Promise<StepEnd> {
  const fetched = await fetchOutputs(ctx, far, 'sync_artifacts_to_local', false);
  if (fetched.kind === 'failed' && wasStopped(ctx)) return stoppedTransfer(ctx);
  if (fetched.kind === 'unrecordable') {
    const [first = '', ...others] = fetched.problems;
    return {
      kind: 'failed',
      code: 'sync.failed',
      retryable: true,
      message: `The job completed, but not everything can be fetched: ${first}${besides(others.length)}.`,
      hint: `Fix it on ${far.ssh.name}, in ${far.paths.folder}; then: autolab launch`,
    };
  }
  if (fetched.kind === 'failed')
    return {
      kind: 'failed',
      code: fetched.code,
      retryable: true,
      message: `The job completed, but its outputs could not be fetched from ${far.ssh.name}: ${fetched.words}.`,
      transfer: fetched.transfer,
    };
  const { collected, transfer, notes } = fetched;
  if (collected.problems.length > 0) return incomplete(collected);
  for (const note of notes) ctx.emit({ type: 'note', message: note });
  return {
    kind: 'done',
    message: [
      `${transfer.files ?? 0} files, ${transfer.bytes ?? 0} bytes by ${transfer.method}, every digest compared`,
      ...notes,
    ].join('; '),
    writes: collected.writes,
    result: collected.record,
    transfer,
  };
}

/** Fetches what it can from the remote host, and says why the rest is missing. An unsubmitted run left nothing. */
async function salvageThere(ctx: RunContext, far: FarSite, left: LeftToCollect): Promise<Salvaged> {
  const nothing: LeftToCollect = { specs: [], gone: null };
  if (viewOf(ctx).job === null) return { problems: [], left: nothing };
  const { problems } = await gatherThere(ctx, far, left);
  const fetched = await fetchOutputs(ctx, far, 'salvage', true);
  if (fetched.kind === 'unrecordable') return { problems: [...problems, ...fetched.problems], left: nothing };
  const { transfer } = fetched;
  const more = fetched.kind === 'failed' ? [fetched.words] : transfer.diagnosis;
  return { problems: [...problems, ...more], transfer, left: nothing };
}
