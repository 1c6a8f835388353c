import { join, resolve } from 'node:path';
import { exists, listNames, lstatOrNull } from '../../platform/files.ts';
import type { ProcessResult } from '../../platform/process.ts';
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
  const places = await placesOf(root, [...FOLDER, '--show-toplevel', '--show-prefix']);
  if ('failed' in places) return { words: gitTrouble(root, places.failed).words };
  const [gitDir = '', commonDir = '', top = '', prefix = ''] = places.said;
  return { gitDir, commonDir: resolve(root, commonDir), top, prefix };
}

const FOLDER = ['--absolute-git-dir', '--git-common-dir'];

async function gitFolderOf(folder: string): Promise<GitFolder | null> {
  const places = await placesOf(folder, FOLDER);
  if ('failed' in places) return null;
  const [gitDir = '', commonDir = ''] = places.said;
  return { gitDir, commonDir: resolve(folder, commonDir) };
}

/** What git says to each question. One call, unless a name with an end of line makes it unclear which answer ends where. */
async function placesOf(
  folder: string,
  questions: readonly string[],
): Promise<{ readonly said: readonly string[] } | { readonly failed: ProcessResult }> {
  const all = await git(folder, ['rev-parse', ...questions]);
  if (all.exitCode !== 0) return { failed: all };
  const said = all.stdout.slice(0, -1).split('\n');
  if (said.length === questions.length) return { said };
  const each = await Promise.all(questions.map((question) => git(folder, ['rev-parse', question])));
  const failed = each.find(({ exitCode }) => exitCode !== 0);
  return failed === undefined ? { said: each.map(({ stdout }) => stdout.slice(0, -1)) } : { failed };
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
