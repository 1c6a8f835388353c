import { writeFileAtomic } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { monotonicMs } from '../../platform/time.ts';
import { type ChecksumEntry, formatChecksums } from '../checksums.ts';
import { digestFiles } from '../digest-files.ts';
import type { CommitRecord } from '../manifest-schema.ts';
import { git, gitRaw, type GitStatus, parseStatus, withoutCredentials } from './git.ts';
import { makePatch } from './patch.ts';
import { isCodePath, isDesign } from './scope.ts';
import { looksSecret } from './secret-names.ts';

/** What code is here: commit, branch, changes, and the digest of every file as git sees it. */

export interface WorkTree {
  readonly top: string;
  readonly commonDir: string;
  /** The project root within the repository: '' or `sub/folder/`. */
  readonly prefix: string;
  readonly status: GitStatus;
  /** Uncommitted changes of code, relative to the top. */
  readonly dirty: readonly string[];
}

export type WorkTreeLookup =
  { readonly kind: 'git'; readonly tree: WorkTree } | { readonly kind: 'none'; readonly reason: string };

/** Asks git about the project's folder. That there is no repository (or no git) is an answer, not a failure. */
export async function findWorkTree(root: string): Promise<WorkTreeLookup> {
  const [where, status] = await Promise.all([
    git(root, ['rev-parse', '--path-format=absolute', '--show-toplevel', '--git-common-dir', '--show-prefix']),
    git(root, [
      'status',
      '--porcelain=v2',
      '--branch',
      '-z',
      '--no-renames',
      '--untracked-files=all',
      '--ignore-submodules=none',
      '--',
      '.',
    ]),
  ]);
  if (where.spawnError !== null) return { kind: 'none', reason: 'git is not installed' };
  if (where.exitCode !== 0) return { kind: 'none', reason: firstLine(where.stderr) || 'git did not answer' };
  if (status.exitCode !== 0) return { kind: 'none', reason: firstLine(status.stderr) || 'git status did not answer' };
  const [top = '', commonDir = '', prefix = ''] = where.stdout.split('\n');
  const parsed = parseStatus(status.stdout);
  const isOurs = (path: string): boolean => path.startsWith(prefix) && isCodePath(path.slice(prefix.length));
  return {
    kind: 'git',
    tree: { top, commonDir, prefix, status: parsed, dirty: [...parsed.changed, ...parsed.untracked].filter(isOurs) },
  };
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? '';
}

/**
 * Records the code of a launch: writes `code.sha256` and, if there are changes, `code.patch`, and returns the commit
 * metadata. Not covered: ignored files, files of submodules, and edits after the run has started.
 */
export async function recordCode(
  root: string,
  paths: { readonly codeSums: string; readonly codePatch: string },
): Promise<CommitRecord> {
  const began = monotonicMs();
  // Side by side: starting git takes longer than what it does. Without a repository none of them says anything.
  const asked = Promise.all([
    gitRaw(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '.']),
    git(root, ['describe', '--always', '--tags']),
    git(root, ['config', '--get', 'remote.origin.url']),
  ]);
  const lookup = await findWorkTree(root);
  if (lookup.kind === 'none') {
    return {
      source: 'none',
      reason: lookup.reason,
      sha: null,
      branch: null,
      describe: null,
      dirty: null,
      tree_digest: null,
      remote_url: null,
      files: null,
      bytes: null,
      seconds: null,
      patch: null,
      notes: ['no git work tree: the code is not listed and its changes are not seen'],
    };
  }
  const { tree } = lookup;
  const [listed, describe, remote] = await asked;
  const notes: string[] = [];
  const sums = await listCode(root, listed.stdout, notes);
  writeFileAtomic(paths.codeSums, sums.text);
  const patch = tree.dirty.length === 0 ? null : await recordPatch(tree, paths.codePatch, notes);
  return {
    source: 'git',
    reason: null,
    sha: tree.status.sha,
    branch: tree.status.branch,
    describe: describe.exitCode === 0 ? describe.stdout.trim() : null,
    dirty: tree.dirty.length > 0,
    tree_digest: sha256(sums.text),
    code_digest: sums.codeDigest,
    remote_url: remote.exitCode === 0 ? withoutCredentials(remote.stdout.trim()) : null,
    files: sums.files,
    bytes: sums.bytes,
    seconds: Math.round(monotonicMs() - began) / 1000,
    patch,
    notes,
  };
}

async function listCode(
  root: string,
  listing: Buffer,
  notes: string[],
): Promise<{ text: string; codeDigest: string; files: number; bytes: number }> {
  const names = [
    ...new Set(
      listing
        .toString('utf8')
        .split('\0')
        .filter((name) => name !== '' && isCodePath(name)),
    ),
  ];
  if (listing.includes(Buffer.from('\uFFFD')))
    notes.push('file names that are not UTF-8 may be missing from code.sha256');
  const secrets = names.filter(looksSecret);
  if (secrets.length > 0) notes.push(`not listed, because the name looks like a secret: ${secrets.join(', ')}`);
  const wanted = names.filter((name) => !looksSecret(name));
  const { digests, problems } = await digestFiles(root, wanted);
  const entries: ChecksumEntry[] = [];
  const comments: string[] = [];
  let bytes = 0;
  for (const [path, digest] of digests) {
    if (digest.kind === 'symlink') comments.push(`symlink ${digest.sha256} ${JSON.stringify(path)}`);
    else {
      entries.push({ path, sha256: digest.sha256 });
      bytes += digest.bytes;
    }
  }
  // A tracked file that was deleted is a change that code.patch shows; a folder is a repository of its own.
  for (const problem of problems) {
    if (problem.code === 'file.not_a_file') comments.push(`repository ${JSON.stringify(problem.file)}`);
    else if (problem.code !== 'file.missing') notes.push(`could not be digested: ${problem.file}`);
  }
  comments.sort();
  const withoutDesigns = entries.filter(({ path }) => !isDesign(path));
  return {
    text: formatChecksums(entries, comments),
    codeDigest: sha256(formatChecksums(withoutDesigns, comments)),
    files: entries.length,
    bytes,
  };
}

async function recordPatch(tree: WorkTree, path: string, notes: string[]): Promise<CommitRecord['patch']> {
  const made = await makePatch(tree.top, tree.commonDir, tree.status, (name) => tree.dirty.includes(name));
  if ('error' in made) {
    notes.push(`code.patch could not be made: ${made.error}`);
    return null;
  }
  writeFileAtomic(path, made.content);
  return {
    sha256: sha256(made.content),
    bytes: made.content.length,
    left_out: made.leftOut.map((item) => ({ ...item })),
  };
}
