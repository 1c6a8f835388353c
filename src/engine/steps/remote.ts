import { executorOf } from '../../executors/table.ts';
import { besides } from '../../platform/listing.ts';
import { gatherArtifacts, listArtifacts } from '../../run/artifacts.ts';
import { cancelRequest, noteCancel } from '../../run/cancel-request.ts';
import { type RunContext, viewOf } from '../../run/context.ts';
import { noIntent, repeatable, type StepEnd } from '../../run/step.ts';
import { type FarSite, siteOfRun } from '../../sites/site.ts';
import { fetchOutputs } from '../../sites/ssh/fetch.ts';
import { gatherThere } from '../../sites/ssh/gather-there.ts';
import { sendRun } from '../../sites/ssh/send.ts';
import { stoppedTransfer, wasStopped } from '../../sites/ssh/travel.ts';
import { incomplete } from './incomplete.ts';

/**
 * Sends the code to where it runs, and fetches the outputs. If the nodes see the project's file system, nothing has to
 * travel; what remains is to gather what the design collects from elsewhere, and to digest what is here.
 */
const SHARED = 'the project lies on a file system that the nodes see';

async function sendUnlessCancelled(ctx: RunContext, far: FarSite): Promise<StepEnd> {
  const { opened } = viewOf(ctx);
  const beside = await executorOf(opened).textsBeside(opened, far.paths.folder);
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

export const syncToRemote = repeatable({
  name: 'sync_to_remote',
  skip: ({ opened }) => executorOf(opened).staysHere,
  intent: noIntent,
  run: async (ctx): Promise<StepEnd> => {
    const { far } = siteOfRun(ctx);
    if (far !== null) return sendUnlessCancelled(ctx, far);
    return { kind: 'done', message: `nothing to send: ${SHARED}; the job checks the code before it starts` };
  },
});

export const collectToRemote = repeatable({
  name: 'collect_to_remote',
  skip: ({ opened }) => executorOf(opened).staysHere,
  intent: noIntent,
  run: async (ctx): Promise<StepEnd> => {
    ctx.lease.assertHeld();
    const { far } = siteOfRun(ctx);
    const view = viewOf(ctx);
    const left = await executorOf(view.opened).leftToCollect(view, ctx.paths);
    if (far !== null) {
      const { gathered, problems, isGone } = await gatherThere(ctx, far, left);
      if (problems.length > 0)
        return wasStopped(ctx) ? stoppedTransfer(ctx) : incomplete({ problems, writes: [], isGone });
      return { kind: 'done', message: `${gathered} gathered on ${far.ssh.name}` };
    }
    const { problems, writes, isGone } = gatherArtifacts(ctx.paths, left);
    if (problems.length > 0) return incomplete({ problems, writes, isGone });
    return { kind: 'done', message: `${writes.length} gathered`, writes };
  },
});

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

/** Read once, after the job is confirmed gone: both sides are the same files. */
export const syncArtifactsToLocal = repeatable({
  name: 'sync_artifacts_to_local',
  skip: ({ opened }) => executorOf(opened).staysHere,
  intent: noIntent,
  // What was missing at the last try may be there now.
  retryFrom: 'collect_to_remote',
  run: async (ctx): Promise<StepEnd> => {
    ctx.lease.assertHeld();
    const { far } = siteOfRun(ctx);
    if (far !== null) return bringBack(ctx, far);
    const listed = await listArtifacts(ctx.paths, viewOf(ctx).opened.artifacts, false);
    if (listed.problems.length > 0) return incomplete(listed);
    const { record, writes } = listed;
    const message = `${record.files} files, ${record.bytes} bytes`;
    return { kind: 'done', message, writes, result: record };
  },
});
