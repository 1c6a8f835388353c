import { join } from 'node:path';
import { executorOf } from '../../executors/table.ts';
import { CODE_LISTING_ARGV, codeListingDigest } from '../../launch-scripts/code-listing.ts';
import { writeFileAtomic } from '../../platform/files.ts';
import { runRaw } from '../../platform/process.ts';
import { recordCode } from '../../records/code/commit.ts';
import { viewOf } from '../../run/context.ts';
import { never, noIntent, repeatable, type StepDone } from '../../run/step.ts';
import { CODE_LISTING_FILE } from '../../schedulers/receipt-files.ts';

/** Commit metadata, `code.sha256` and `code.patch`: what was approved. */
export const recordCodeStep = repeatable({
  name: 'record-code',
  skip: never,
  intent: noIntent,
  run: async (ctx): Promise<StepDone> => {
    const commit = inFormat(viewOf(ctx).opened.format, await recordCode(ctx.root, ctx.paths));
    const wanted = executorOf(viewOf(ctx).opened).checksListing && commit.source === 'git';
    const listing = wanted ? await listingDigest(ctx.root) : null;
    if (listing !== null) writeFileAtomic(join(ctx.paths.receipt, CODE_LISTING_FILE), `${listing}\n`);
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

type Commit = Awaited<ReturnType<typeof recordCode>>;

/** Format 1 knows nothing of the second digest. */
function inFormat(format: number, commit: Commit): Commit {
  if (format > 1) return commit;
  const { code_digest, ...rest } = commit;
  return code_digest === undefined ? commit : rest;
}

function describe(commit: Commit): string {
  if (commit.source === 'none') return `no git work tree: ${commit.reason ?? ''}`;
  const at = commit.sha === null ? 'no commit yet' : commit.sha.slice(0, 12);
  return `${at}${commit.dirty === true ? ', with uncommitted changes' : ''}, ${commit.files ?? 0} files`;
}

/** For the job's check for files added while it was queued. Null if git does not answer: then it skips the check. */
async function listingDigest(root: string): Promise<string | null> {
  const result = await runRaw(['git', '-C', root, ...CODE_LISTING_ARGV], {
    timeoutMs: 60_000,
    maxBytes: 256 * 1024 * 1024,
    env: { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' },
  });
  return result.exitCode === 0 && !result.truncated ? codeListingDigest(result.stdout) : null;
}
