import { join, resolve } from 'node:path';
import { exists, listNames, lstatOrNull } from '../../platform/files.ts';
import { git } from '../git.ts';
import { gitTrouble } from '../git-trouble.ts';
import type { RecipeRepository } from './recipe.ts';

/** A git folder that is here: of a work tree, or what is kept of a submodule. */
export interface GitFolder {
  readonly gitDir: string;
  readonly commonDir: string;
}

/** Where the project is now. */
export interface Here extends GitFolder {
  readonly top: string;
  readonly prefix: string;
}

/** Or git's words, if the project is in no repository that it can read. */
export async function findHere(root: string): Promise<Here | { readonly words: string }> {
  const [folder, places] = await Promise.all([
    gitFolderOf(root),
    git(root, ['rev-parse', '--show-toplevel', '--show-prefix']),
  ]);
  if (folder === null || places.exitCode !== 0) return { words: gitTrouble(root, places).words };
  const end = places.stdout.lastIndexOf('\n', places.stdout.length - 2);
  return { ...folder, top: places.stdout.slice(0, end), prefix: places.stdout.slice(end + 1, -1) };
}

async function gitFolderOf(folder: string): Promise<GitFolder | null> {
  const [own, common] = await Promise.all([
    git(folder, ['rev-parse', '--absolute-git-dir']),
    git(folder, ['rev-parse', '--git-common-dir']),
  ]);
  if (own.exitCode !== 0 || common.exitCode !== 0) return null;
  return { gitDir: own.stdout.slice(0, -1), commonDir: resolve(folder, common.stdout.slice(0, -1)) };
}

/** Every git folder that may have the objects of a repository, the likeliest first. */
export async function candidatesFor(
  here: Here,
  { place }: Pick<RecipeRepository, 'place'>,
): Promise<readonly GitFolder[]> {
  if (place === '') return [here];
  const folder = join(here.top, place);
  const own = lstatOrNull(join(folder, '.git')) === null ? null : await gitFolderOf(folder);
  const kept = [...new Set([here.gitDir, here.commonDir])].flatMap(modulesOf);
  return [...(own === null ? [] : [own]), ...kept, here];
}

/** What git keeps of submodules, and of those in them. */
function modulesOf(gitDir: string): readonly GitFolder[] {
  const found: GitFolder[] = [];
  const left = [join(gitDir, 'modules')];
  for (let at = left.pop(); at !== undefined; at = left.pop())
    for (const name of listNames(at)) {
      const folder = join(at, name);
      if (lstatOrNull(folder)?.isDirectory() !== true) continue;
      if (!exists(join(folder, 'HEAD'))) left.push(folder);
      else {
        found.push({ gitDir: folder, commonDir: folder });
        left.push(join(folder, 'modules'));
      }
    }
  return found;
}

/** The first one that has the commit. Without a commit any will do. */
export async function sourceOf(candidates: readonly GitFolder[], sha: string | null): Promise<GitFolder | null> {
  for (const candidate of candidates) {
    if (sha === null) return candidate;
    const there = await git(candidate.gitDir, ['cat-file', '-e', `${sha}^{tree}`], {
      env: { GIT_DIR: candidate.gitDir, GIT_WORK_TREE: candidate.gitDir },
    });
    if (there.exitCode === 0) return candidate;
  }
  return null;
}
