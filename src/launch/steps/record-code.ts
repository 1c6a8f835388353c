import { findWorkTree, recordCode } from '../../records/code/commit.ts';
import { never, noIntent, repeatable, type StepDone } from './step.ts';

/** Commit metadata, `code.sha256` and `code.patch`: what was approved. */
export const recordCodeStep = repeatable({
  name: 'record-code',
  skip: never,
  intent: noIntent,
  run: async (ctx): Promise<StepDone> => {
    const commit = await recordCode(ctx.root, await findWorkTree(ctx.root), ctx.paths);
    const writes = [
      ...(commit.tree_digest === null ? [] : ['code.sha256']),
      ...(commit.patch === null ? [] : ['code.patch']),
    ];
    return {
      kind: 'done',
      message: describe(commit),
      writes: writes.map((name) => `${ctx.paths.relative}/${name}`),
      result: commit,
    };
  },
});

function describe(commit: Awaited<ReturnType<typeof recordCode>>): string {
  if (commit.source === 'none') return `no git work tree: ${commit.reason ?? ''}`;
  const at = commit.sha === null ? 'no commit yet' : commit.sha.slice(0, 12);
  return `${at}${commit.dirty === true ? ', with uncommitted changes' : ''}, ${String(commit.files ?? 0)} files`;
}
