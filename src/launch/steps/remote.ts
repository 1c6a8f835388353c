import { gatherArtifacts, listArtifacts } from '../artifacts.ts';
import { viewOf } from '../context.ts';
import { incomplete } from './incomplete.ts';
import { noIntent, repeatable, slurmOnly, type StepDone, type StepFailed } from './step.ts';

/**
 * Getting the code to where it runs, and the outputs back. Where the nodes see the project's file system nothing has to
 * travel; what remains is to gather what the design collects from elsewhere, and to digest what is here.
 */
const SHARED = 'the project lies on a file system that the nodes see';

export const syncToRemote = repeatable({
  name: 'sync_to_remote',
  skip: slurmOnly,
  intent: noIntent,
  run: (): Promise<StepDone> =>
    Promise.resolve({ kind: 'done', message: `nothing to send: ${SHARED}; the job checks the code before it starts` }),
});

export const collectToRemote = repeatable({
  name: 'collect_to_remote',
  skip: slurmOnly,
  intent: noIntent,
  run: (ctx): Promise<StepDone | StepFailed> => {
    ctx.lease.assertHeld();
    const { problems, writes } = gatherArtifacts(ctx.paths, viewOf(ctx).opened.artifacts);
    if (problems.length > 0) return Promise.resolve(incomplete({ problems, writes }));
    return Promise.resolve({ kind: 'done', message: `${String(writes.length)} gathered`, writes });
  },
});

/** Read once, after the job is confirmed gone: both sides are the same files. */
export const syncArtifactsToLocal = repeatable({
  name: 'sync_artifacts_to_local',
  skip: slurmOnly,
  intent: noIntent,
  // What could not be gathered may be there now.
  retryFrom: 'collect_to_remote',
  run: async (ctx): Promise<StepDone | StepFailed> => {
    ctx.lease.assertHeld();
    const listed = await listArtifacts(ctx.paths, viewOf(ctx).opened.artifacts, false);
    if (listed.problems.length > 0) return incomplete(listed);
    const { record, writes } = listed;
    const message = `${String(record.files)} files, ${String(record.bytes)} bytes`;
    return { kind: 'done', message, writes, result: record };
  },
});
