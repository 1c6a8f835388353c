import { join } from 'node:path';
import { createExclusive, readPart, readTail, sizeOf } from '../platform/files.ts';
import { watchFolder } from '../platform/watch.ts';
import type { RunPaths } from '../records/paths.ts';
import { listedAfterEnd } from '../run/after-end.ts';
import { gatherArtifacts, listArtifacts } from '../run/artifacts.ts';
import { viewOf } from '../run/context.ts';
import { incomplete } from '../run/incomplete.ts';
import { observeRun } from '../run/observe.ts';
import type { Transport } from '../transports/transport.ts';
import type { Carrier } from './carrier.ts';
import type { RunFolder } from './run-folder.ts';

const SHARED = 'the project lies on a file system that the nodes see';

/** The run's files are this project's: nothing has to travel. */
export const sharedFiles: Carrier = {
  usesWorkTree: true,

  send: () =>
    Promise.resolve({ kind: 'done', message: `nothing to send: ${SHARED}; the job checks the code before it starts` }),

  gather: (ctx, left) => {
    const { problems, writes, isGone } = gatherArtifacts(ctx.paths, left);
    if (problems.length > 0) return Promise.resolve(incomplete({ problems, writes, isGone }));
    return Promise.resolve({ kind: 'done', message: `${writes.length} gathered`, writes });
  },

  // Read once, after the job is confirmed gone: both sides are the same files.
  bringBack: async (ctx) => {
    const { opened } = viewOf(ctx);
    await observeRun(ctx, 'sync_artifacts_to_local');
    const listed = await listedAfterEnd(ctx, false, () => listArtifacts(ctx.paths, opened, false));
    if (listed.problems.length > 0) return incomplete(listed);
    const { record, writes } = listed;
    return { kind: 'done', message: `${record.files} files, ${record.bytes} bytes`, writes, result: record };
  },

  salvage: (_ctx, left) => Promise.resolve({ problems: [], left }),
};

/** The run writes into the folder that readers see; the queue is asked directly. */
export function folderHere(paths: RunPaths, transport: Transport): RunFolder {
  return {
    fetchNews: () => Promise.resolve(null),
    askWithNews: async (_jobId, commands) => ({ answers: await transport.runEach(commands), lost: null }),
    placeOnce: (receipt, text) =>
      Promise.resolve({ kind: createExclusive(join(paths.receipt, receipt), text) ? 'mine' : 'taken' }),
    carryRequests: () => Promise.resolve(null),
    bringTasks: null,
    watch: () => ({ ...watchFolder(paths.receipt), takeAnswer: () => null, brings: () => false }),
    pieceOfLog: ({ path, offset, most }) =>
      Promise.resolve({ size: sizeOf(path), bytes: readPart(path, offset, most), lost: null }),
    tailOfLog: (path, maxBytes) => Promise.resolve(readTail(path, maxBytes)),
    silent: (asked) => asked,
  };
}
