import { join } from 'node:path';
import { readBytes, sizeOf } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import type { ProcessResult, RawProcessResult } from '../../platform/process.ts';
import { git, gitRaw } from '../git.ts';
import { gitTrouble } from '../git-trouble.ts';
import { OWN_INDEX } from '../own-index.ts';
import { parseListed } from '../tracked.ts';
import type { RecipeRepository } from './recipe.ts';
import type { GitFolder } from './sources.ts';

/** A repository as the run had it: in an index and an object store of our own, over the objects that are here. */
export interface RepositoryTree {
  readonly source: GitFolder;
  /** Relative to the repository. */
  readonly entries: ReadonlyMap<string, { readonly mode: string; readonly blob: string }>;
  /** Why the patch is not in it; null if it is. */
  readonly patchTrouble: string | null;
  readonly ask: AskGit;
  /** The same, with the attributes of files in this folder. */
  readonly askWith: (workTree: string) => AskGit;
  /** Ours, for as long as the tree is used. */
  readonly temporary: string;
  readonly askText: (words: readonly string[], stdin?: string) => Promise<ProcessResult>;
}

export type AskGit = (
  words: readonly string[],
  call?: {
    readonly stdin?: string | Uint8Array;
    readonly onStdout?: (chunk: Buffer) => void;
    readonly maxBytes?: number;
  },
) => Promise<RawProcessResult>;

/** `folder`: where the repository comes to lie; it is there. `runFolder` has the patches, `temporary` is ours. */
export async function rebuildTree(
  repository: RecipeRepository,
  source: GitFolder,
  { folder, runFolder, temporary }: { readonly folder: string; readonly runFolder: string; readonly temporary: string },
): Promise<RepositoryTree | { readonly error: string }> {
  const env = {
    GIT_DIR: source.gitDir,
    GIT_WORK_TREE: folder,
    GIT_INDEX_FILE: join(temporary, 'index'),
    GIT_OBJECT_DIRECTORY: temporary,
    // In quotes as of C: a path may have a colon, which parts one from the next.
    GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(join(source.commonDir, 'objects')),
  };
  const askWith =
    (workTree: string): AskGit =>
    (words, call = {}) =>
      gitRaw(workTree, [...OWN_INDEX, ...words], { ...call, env: { ...env, GIT_WORK_TREE: workTree } });
  const ask = askWith(folder);
  const askText: RepositoryTree['askText'] = (words, stdin = '') =>
    git(folder, [...OWN_INDEX, ...words], { env, stdin });
  const read = await ask(repository.sha === null ? ['read-tree', '--empty'] : ['read-tree', repository.sha]);
  if (read.exitCode !== 0) return { error: gitTrouble(folder, read).words };
  const patchTrouble = await applyPatch(repository, runFolder, ask);
  const listed = await ask(['ls-files', '-z', '-t', '--stage', '--cached']);
  if (listed.exitCode !== 0) return { error: gitTrouble(folder, listed).words };
  return { source, entries: parseListed(listed.stdout).tracked, patchTrouble, ask, askWith, temporary, askText };
}

async function applyPatch(
  { patch, patchFailed }: RecipeRepository,
  runFolder: string,
  ask: AskGit,
): Promise<string | null> {
  if (patchFailed) return 'the patch could not be made at the launch';
  if (patch === null || patch.bytes === 0) return null;
  const { file } = patch;
  if (!/^code(\.\d+)?\.patch$/.test(file)) return `${file} is no name of a patch`;
  const bytes = sizeOf(join(runFolder, file)) === patch.bytes ? readBytes(join(runFolder, file)) : null;
  if (bytes === null || sha256(bytes) !== patch.sha256)
    return `${file} is missing or has changed: its sha256 was ${patch.sha256}`;
  const words = ['apply', '--cached', '--binary', '--whitespace=nowarn', '--no-ignore-whitespace', '-p1'];
  const applied = await ask(words, { stdin: bytes });
  return applied.exitCode === 0 ? null : `${file} cannot be applied: ${gitTrouble('', applied).words}`;
}
