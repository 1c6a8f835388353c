import { firstFew } from '../platform/listing.ts';
import type { WorkTreeLookup } from '../records/code/commit.ts';
import { git } from '../records/code/git.ts';
import type { Objection } from '../run/objection.ts';

/**
 * Whether a commit can stand for the code (mode `git`): what git cannot carry is reported before anything is claimed. A
 * submodule is a commit of another repository, LFS files point to a server that the remote host may not reach, and
 * a shallow clone lacks the commits that a repository must have.
 */
export async function gitModeObjections(root: string, lookup: WorkTreeLookup): Promise<readonly Objection[]> {
  if (lookup.kind === 'none')
    return [
      {
        code: 'git.required',
        message: `The profile's mode git sends a commit, and there is none: ${lookup.reason}.`,
        hint: 'Make the project a git repository with a commit, or set mode: rsync in the profile.',
      },
    ];
  const { tree } = lookup;
  if (tree.status.sha === null)
    return [
      {
        code: 'git.required',
        message: "The profile's mode git sends a commit, and there is none yet.",
        hint: 'Commit the project, or set mode: rsync in the profile.',
      },
    ];
  const objections: Objection[] = [];
  if (tree.dirty.length > 0) {
    objections.push({
      code: 'git.dirty',
      message: `The profile's mode git sends commits only, and there are uncommitted changes: ${firstFew(tree.dirty, 5)}.`,
      hint: 'Commit them (or let git ignore what is not code), or set mode: rsync in the profile.',
    });
  }
  const unsupported = await whatGitWouldNotCarry(root);
  if (unsupported !== null)
    objections.push({ code: 'remote.git_mode', message: `Mode git cannot carry this repository: ${unsupported}.` });
  return objections;
}

async function whatGitWouldNotCarry(root: string): Promise<string | null> {
  const [shallow, staged, lfs] = await Promise.all([
    git(root, ['rev-parse', '--is-shallow-repository']),
    git(root, ['ls-files', '--stage', '-z', '--', '.']),
    // Asked of git rather than read from .gitattributes: macros, and files of attributes in every folder.
    git(root, ['--no-literal-pathspecs', 'ls-files', '-z', '--', ':(attr:filter=lfs).']),
  ]);
  if (shallow.stdout.trim() === 'true') return 'it is a shallow clone';
  const submodule = staged.stdout.split('\0').find((entry) => entry.startsWith('160000 '));
  if (submodule !== undefined) return `${submodule.split('\t')[1] ?? ''} is a submodule`;
  const pointer = lfs.exitCode === 0 ? lfs.stdout.split('\0')[0] : undefined;
  if (pointer !== undefined && pointer !== '') return `${pointer} is kept by git LFS`;
  return null;
}
