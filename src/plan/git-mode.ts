import { git } from '../code/git.ts';
import { firstFew } from '../platform/listing.ts';
import type { Objection } from '../run/objection.ts';
import type { CodeLook } from './look-at-code.ts';

/**
 * Whether a commit can stand for the code (mode `git`): what git cannot carry is reported before anything is claimed. A
 * submodule is a commit of another repository, LFS files point to a server that the remote host may not reach, and
 * a shallow clone lacks the commits that a repository must have.
 */
export async function gitModeObjections(root: string, { lookup, changed }: CodeLook): Promise<readonly Objection[]> {
  if (lookup.kind === 'none')
    return [
      {
        code: 'git.required',
        message: `The profile's mode git sends a commit, and there is none: ${lookup.reason}.`,
        hint: 'Make the project a git repository with a commit, or set mode: rsync in the profile.',
      },
    ];
  if (lookup.kind !== 'git') return [];
  const [main, inner] = lookup.repositories;
  if (main.sha === null)
    return [
      {
        code: 'git.required',
        message: "The profile's mode git sends a commit, and there is none yet.",
        hint: 'Commit the project, or set mode: rsync in the profile.',
      },
    ];
  const objections: Objection[] = [];
  const within = new Set(lookup.repositories.map(({ place }) => place.slice(0, -1)));
  const edited = (changed ?? []).filter((name) => !within.has(name));
  if (edited.length > 0) {
    objections.push({
      code: 'git.dirty',
      message: `The profile's mode git sends commits only, and there are uncommitted changes: ${firstFew(edited, 5)}.`,
      hint: 'Commit them (or let git ignore what is not code), or set mode: rsync in the profile.',
    });
  }
  const unsupported =
    inner === undefined
      ? await whatGitWouldNotCarry(root, main.notThere)
      : `${inner.place.slice(0, -1)} is ${inner.kind === 'submodule' ? 'a submodule' : 'a repository of its own'}`;
  if (unsupported !== null)
    objections.push({ code: 'remote.git_mode', message: `Mode git cannot carry this repository: ${unsupported}.` });
  return objections;
}

async function whatGitWouldNotCarry(root: string, missing: readonly string[]): Promise<string | null> {
  const [shallow, lfs] = await Promise.all([
    git(root, ['rev-parse', '--is-shallow-repository']),
    // Asked of git rather than read from .gitattributes: macros, and files of attributes in every folder.
    git(root, ['ls-files', '-z', '--', ':(top,attr:filter=lfs)']),
  ]);
  if (shallow.stdout.trim() === 'true') return 'it is a shallow clone';
  const [submodule] = missing;
  if (submodule !== undefined) return `${submodule} is a submodule`;
  const pointer = lfs.exitCode === 0 ? lfs.stdout.split('\0')[0] : undefined;
  if (pointer !== undefined && pointer !== '') return `${pointer} is kept by git LFS`;
  return null;
}
