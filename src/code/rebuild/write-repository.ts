import { join } from 'node:path';
import { makeFolder, removeIfThere } from '../../platform/files.ts';
import { digestFiles, type FileDigest } from '../../records/digest-files.ts';
import { LINK } from '../tracked.ts';
import { askersOfFilters } from './attributes.ts';
import { convertFile } from './convert.ts';
import type { AskGit, RepositoryTree } from './repository-tree.ts';
import { writeBlobFiles, writeFiltered } from './write-blobs.ts';

/** What is to be there. */
export interface Wanted {
  /** From the top of the outermost repository. */
  readonly path: string;
  /** null: not listed; it was as in the commit. */
  readonly sha256: string | null;
  readonly isLink: boolean;
}

interface Source extends Wanted {
  /** Relative to the repository. */
  readonly name: string;
  readonly blob: string;
  readonly mode: string;
}

const CONVERTED =
  'its name looks like a secret, so that it has no digest, and filters or line endings may have changed it';
const NOWHERE = 'neither the commit nor the patch has it';

/** Writes the files of one repository, and removes those whose bytes are wrong. Returns why, by path. */
export async function writeRepository(
  directory: string,
  place: string,
  tree: RepositoryTree,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, string>> {
  makeFolder(join(directory, place));
  const problems = new Map<string, string>();
  const sources: Source[] = [];
  for (const one of wanted) {
    const name = one.path.slice(place.length);
    const entry = tree.entries.get(name);
    if (entry === undefined) problems.set(one.path, NOWHERE);
    else if (one.sha256 !== null && one.isLink !== (entry.mode === LINK))
      problems.set(one.path, 'the commit has something of another kind there');
    else sources.push({ ...one, name, blob: entry.blob, mode: entry.mode });
  }
  const askers = await askersOfFilters(tree);
  await writeAll(directory, tree, askers[0] ?? tree.ask, { sources, problems });
  const left = sources.filter(({ path, sha256 }) => sha256 !== null && !problems.has(path));
  for (const one of await unlikeAmong(directory, left)) {
    const problem = one.isLink ? NOWHERE : await convertFile(tree, askers, one, join(directory, one.path));
    if (problem !== null) problems.set(one.path, problem);
  }
  // Once more, as they are on the disk now: nothing is left that is not what it claims to be.
  const made = left.filter(({ path }) => !problems.has(path));
  for (const { path } of await unlikeAmong(directory, made)) problems.set(path, 'it changed after it was written');
  for (const path of problems.keys()) removeIfThere(join(directory, path));
  return problems;
}

async function writeAll(
  directory: string,
  tree: RepositoryTree,
  ask: AskGit,
  { sources, problems }: { readonly sources: readonly Source[]; readonly problems: Map<string, string> },
): Promise<void> {
  const at = ({ path, blob, mode }: Source) => ({ path: join(directory, path), blob, mode });
  const unlisted = sources.filter(({ sha256, mode }) => sha256 === null && mode !== LINK);
  for (const one of unlisted) {
    const problem = await writeFiltered(ask, at(one), one.name);
    if (problem !== null) problems.set(one.path, problem);
  }
  const filtered = await digestsOf(directory, unlisted);
  // Links come last: nothing may be written through them.
  const sorted = [...sources.filter(({ mode }) => mode !== LINK), ...sources.filter(({ mode }) => mode === LINK)];
  const failed = await writeBlobFiles(tree, sorted.map(at));
  for (const { path } of sources) {
    const problem = failed.get(join(directory, path));
    if (problem !== undefined) problems.set(path, problem);
  }
  const raw = await digestsOf(directory, unlisted);
  for (const { path } of unlisted)
    if (!problems.has(path) && raw.get(path)?.sha256 !== filtered.get(path)?.sha256) problems.set(path, CONVERTED);
}

async function digestsOf(directory: string, sources: readonly Source[]): Promise<ReadonlyMap<string, FileDigest>> {
  const paths = sources.map(({ path }) => path);
  return (await digestFiles(directory, paths)).digests;
}

interface Unlike extends Source {
  readonly sha256: string;
}

async function unlikeAmong(directory: string, sources: readonly Source[]): Promise<readonly Unlike[]> {
  const digests = await digestsOf(directory, sources);
  return sources.flatMap((one) => {
    const there = digests.get(one.path);
    const right = there?.sha256 === one.sha256 && (there.kind === 'symlink') === one.isLink;
    return right || one.sha256 === null ? [] : [{ ...one, sha256: one.sha256 }];
  });
}
