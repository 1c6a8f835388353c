import { join } from 'node:path';
import { candidatesFor, findHere, sourceOf } from '../code/rebuild/sources.ts';
import { digestOf } from '../platform/files.ts';
import type { CommitRecord } from '../records/manifest-schema.ts';

/** What is here of what a rebuild of the code needs. */
export interface CodeFacts {
  /** By path of the repository: whether its commit is here. null: there is no repository that git reads here. */
  readonly commits: Readonly<Record<string, boolean>> | null;
  /** By name: the digest of the file; null if it is missing. */
  readonly patches: Readonly<Record<string, string | null>>;
}

/** Returns null for a run without such a record. Asks git, but reads no code. */
export async function codeFacts(
  root: string,
  runFolder: string,
  commit: CommitRecord | null,
): Promise<CodeFacts | null> {
  const repositories = commit?.repositories ?? [];
  if (repositories.length === 0) return null;
  const patches = repositories.flatMap(({ patch }) => (patch === null ? [] : [patch.file]));
  const here = await findHere(root);
  const commits: [string, boolean][] = [];
  if (!('words' in here))
    for (const { path, sha } of repositories) {
      const base = commit?.scope === 'project' ? here.prefix : '';
      const candidates = await candidatesFor(here, { place: path === '.' ? '' : `${base}${path}/` });
      commits.push([path, sha === null || (await sourceOf(candidates, sha)) !== null]);
    }
  return {
    commits: 'words' in here ? null : Object.fromEntries(commits),
    patches: Object.fromEntries(patches.map((file) => [file, digestOf(join(root, runFolder, file))])),
  };
}
