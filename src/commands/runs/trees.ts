import { join, relative } from 'node:path';
import { git } from '../../code/git.ts';
import { lstatOrNull, realPathOr } from '../../platform/files.ts';

/** The project in the other work trees of its repository. */

export interface ProjectTree {
  /** From this project's root: `.` for itself. */
  readonly name: string;
  readonly root: string;
}

/** This project first, then those that git links to it; only this one if there is no repository. */
export async function projectTrees(root: string): Promise<readonly ProjectTree[]> {
  const own = { name: '.', root };
  const [prefix, listed] = await Promise.all([
    git(root, ['rev-parse', '--show-prefix']),
    git(root, ['worktree', 'list', '--porcelain']),
  ]);
  if (prefix.exitCode !== 0 || listed.exitCode !== 0) return [own];
  const here = realPathOr(root);
  const others = workTrees(listed.stdout)
    .map((tree) => join(tree, prefix.stdout.replace(/\n$/, '')))
    .filter((folder) => lstatOrNull(join(folder, '.autolab'))?.isDirectory() === true && realPathOr(folder) !== here);
  return [own, ...others.map((folder) => ({ name: relative(here, realPathOr(folder)), root: folder }))];
}

/** The folders in the answer of `git worktree list --porcelain`, without those that git would prune. Pure. */
function workTrees(text: string): readonly string[] {
  return text.split('\n\n').flatMap((block) => {
    const lines = block.split('\n');
    const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length);
    return path === undefined || lines.some((line) => /^(?:bare|prunable)\b/.test(line)) ? [] : [path];
  });
}
