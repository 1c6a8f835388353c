import { join } from 'node:path';
import type { FoundCode } from '../code/find.ts';
import { git } from '../code/git.ts';
import { type CodeListing, pathsFrom } from '../code/listing-text.ts';
import { pathMatcher } from '../code/path-matcher.ts';
import { problemOfFile } from '../documents/located.ts';
import { readTextOrNull } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { firstFew } from '../platform/listing.ts';
import type { Approved } from '../project/approved.ts';
import { ENVIRONMENT_FILE } from '../project/environment.ts';
import { type ChecksumEntry, parseChecksums } from '../records/checksums.ts';
import type { Objection } from '../run/objection.ts';
import { badNames } from './bad-names.ts';

/** Approval is given to digests: what was approved is compared with what is there. */

interface Documents {
  /** Path relative to the root → digest of the raw bytes; null if the file was not read. */
  readonly digests: Readonly<Record<string, string | null>>;
  /** Relative to the root. */
  readonly designFile: string;
}

/** The digests that an approval would be given to now. `listing`: null without a repository. */
export function digestsToApprove(
  { digests, designFile }: Documents,
  listing: CodeListing | null,
  commit: string | null,
): Approved {
  return {
    code: listing?.codeDigest ?? null,
    design: digests[designFile] ?? null,
    environment: digests[ENVIRONMENT_FILE] ?? null,
    inputs: {},
    tasks: null,
    commit,
  };
}

/** Its name in sentences. */
export const LIST_OF_TASKS = 'the list of tasks';

/** What is not as it was approved: names of files, or what there is no name for. Empty if all is. Pure. */
function staleParts(approved: Approved, now: Approved, designFile: string): readonly string[] {
  const differs = (key: 'code' | 'design' | 'environment' | 'tasks'): boolean =>
    approved[key] !== null && approved[key] !== now[key];
  const inputs = Object.entries(approved.inputs).filter(([path, digest]) => now.inputs[path] !== digest);
  return [
    ...(differs('design') ? [designFile] : []),
    ...(differs('environment') ? [ENVIRONMENT_FILE] : []),
    ...(differs('tasks') ? [LIST_OF_TASKS] : []),
    ...inputs.map(([path]) => path),
    ...(differs('code') ? ['code'] : []),
  ];
}

/** The code as it is. */
export interface CodeNow {
  readonly root: string;
  /** null without a repository. */
  readonly found: FoundCode | null;
  readonly listing: CodeListing | null;
}

/** Why an approval does not hold any more; empty if it does. */
export async function staleObjections(
  approved: Approved,
  now: Approved,
  code: CodeNow,
  designFile: string,
): Promise<readonly Objection[]> {
  const parts = staleParts(approved, now, designFile);
  // `approve` refuses them: they came later.
  const unlisted = approved.code === null || code.found === null ? [] : badNames(code.found).map(({ file }) => file);
  if (parts.length === 0 && unlisted.length === 0) return [];
  const changed = parts.includes('code') ? await changedCode(approved, code) : { files: [], comparedWith: '' };
  const names = [...new Set([...parts.filter((part) => part !== 'code'), ...changed.files, ...unlisted])];
  const what = names.length === 0 ? 'the code' : firstFew(names, 5);
  const message = `What the review approved is not what is there: ${what} changed since${changed.comparedWith}.`;
  const files = names.filter((name) => name !== LIST_OF_TASKS).slice(0, 5);
  const review = designFile.replace(/[^/]*$/, 'review_result.json');
  const problems =
    files.length > 0
      ? files.map((file) => problemOfFile(file, 'review.stale', 'changed since the review approved it'))
      : [problemOfFile(review, 'review.stale', `approves something else: ${what} changed since`)];
  return [{ code: 'review.stale', message, problems }];
}

interface ChangedCode {
  /** Relative to the project root. */
  readonly files: readonly string[];
  /** For a sentence, if it is not the list that was approved. */
  readonly comparedWith: string;
}

/** The list that was approved names the files; without it the commit does, as far as it goes. */
async function changedCode(approved: Approved, { root, found, listing }: CodeNow): Promise<ChangedCode> {
  if (listing === null || found === null)
    return { files: [], comparedWith: ' (no code is listed now: there is no git repository)' };
  const kept = approved.code === null ? null : readTextOrNull(join(root, keptListing(approved.code)));
  if (kept !== null && sha256(kept) === approved.code)
    return { files: listedDifferences(kept, listing.withoutDesigns), comparedWith: '' };
  if (approved.commit === null) return { files: [], comparedWith: '' };
  const diff = await git(found.base, ['diff', '--name-only', '--relative', '-z', approved.commit, '--']);
  if (diff.exitCode !== 0) return { files: [], comparedWith: '' };
  const isNotCode = pathMatcher(found.notCode);
  const differing = [...diff.stdout.split('\0'), ...found.repositories[0].untracked];
  const files = differing.filter((name) => name !== '' && !isNotCode(name)).map(pathsFrom(found.prefix));
  return { files: files.sort(), comparedWith: `, as far as the commit ${approved.commit.slice(0, 12)} tells` };
}

/** Where `approve` keeps the listing that it approved; never code. */
function keptListing(digest: string): string {
  return `.autolab/approved/${digest}.sha256`;
}

/** The paths that two listings do not have alike. Pure. */
export function listedDifferences(before: string, after: string): readonly string[] {
  const [was, is] = [before, after].map(
    (text) => new Map(entriesOf(text).map(({ path, sha256: digest }) => [path, digest])),
  );
  const paths = [...new Set([...(was?.keys() ?? []), ...(is?.keys() ?? [])])];
  return paths.filter((path) => was?.get(path) !== is?.get(path)).sort();
}

function entriesOf(text: string): readonly ChecksumEntry[] {
  return parseChecksums(text, 'code.sha256').value ?? [];
}
