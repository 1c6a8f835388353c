import { join } from 'node:path';
import { digestLargeFile, digestSmallFile } from '../../platform/digest.ts';
import { lstatOrNull, makeTemporaryFolder, removeFolder } from '../../platform/files.ts';
import { git, gitRaw, type GitStatus } from './git.ts';
import { looksSecret } from './secret-names.ts';

/**
 * The uncommitted changes as one binary-safe patch against HEAD, untracked files included. Made with an index and an
 * object store of its own, so that nothing in the repository is written.
 */

/** A changed file above this is named and digested, not copied. */
const PATCH_FILE_LIMIT = 1024 * 1024;
/** All copied files together; what comes after is named and digested. */
const PATCH_TOTAL_LIMIT = 16 * 1024 * 1024;

export interface LeftOut {
  readonly path: string;
  readonly reason: string;
  readonly bytes: number;
  readonly sha256: string | null;
}

export interface Patch {
  readonly content: Buffer;
  readonly leftOut: readonly LeftOut[];
}

/** `paths` and the patch are relative to `top`, the top of the work tree. Fails with git's own words. */
export async function makePatch(
  top: string,
  commonDir: string,
  status: GitStatus,
  isOurs: (path: string) => boolean,
): Promise<Patch | { readonly error: string }> {
  const { taken, leftOut } = await choose(top, [...status.changed, ...status.untracked].filter(isOurs));
  if (taken.length === 0) return { content: Buffer.alloc(0), leftOut };
  const temporary = makeTemporaryFolder('autolab-patch-');
  const store = {
    GIT_INDEX_FILE: join(temporary, 'index'),
    GIT_OBJECT_DIRECTORY: temporary,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: join(commonDir, 'objects'),
  };
  try {
    const base = status.sha ?? (await git(top, ['hash-object', '-t', 'tree', '--stdin', '-w'], store)).stdout.trim();
    const steps: readonly (readonly [readonly string[], string?])[] = [
      [status.sha === null ? ['read-tree', '--empty'] : ['read-tree', base]],
      [['add', '--all', '--force', '--pathspec-from-file=-', '--pathspec-file-nul'], taken.join('\0')],
    ];
    for (const [words, stdin] of steps) {
      const done = await gitRaw(top, words, store, stdin);
      if (done.exitCode !== 0) return { error: done.stderr.trim() || `git ${words[0] ?? ''} failed` };
    }
    const diff = await gitRaw(
      top,
      [
        'diff',
        '--cached',
        '--binary',
        '--full-index',
        '--no-ext-diff',
        '--no-textconv',
        '--no-color',
        '--no-renames',
        base,
      ],
      store,
    );
    return diff.exitCode === 0 && !diff.truncated
      ? { content: diff.stdout, leftOut }
      : { error: diff.stderr.trim() || 'git diff failed' };
  } finally {
    removeFolder(temporary);
  }
}

async function choose(
  top: string,
  paths: readonly string[],
): Promise<{ taken: readonly string[]; leftOut: readonly LeftOut[] }> {
  const taken: string[] = [];
  const leftOut: LeftOut[] = [];
  let total = 0;
  for (const path of paths) {
    const stats = lstatOrNull(join(top, path));
    const bytes = stats?.size ?? 0;
    const secret = looksSecret(path);
    const reason = secret
      ? 'the name looks like a secret'
      : stats?.isDirectory() === true
        ? 'a repository of its own'
        : bytes > PATCH_FILE_LIMIT
          ? `larger than ${PATCH_FILE_LIMIT} bytes`
          : total + bytes > PATCH_TOTAL_LIMIT
            ? `the files before it reached ${PATCH_TOTAL_LIMIT} bytes`
            : null;
    if (reason === null) {
      taken.push(path);
      total += bytes;
      continue;
    }
    // The digest of a short password can be guessed, and records are made to be shared.
    leftOut.push({ path, reason, bytes, sha256: secret ? null : await digestOrNull(join(top, path)) });
  }
  return { taken, leftOut };
}

async function digestOrNull(path: string): Promise<string | null> {
  const small = digestSmallFile(path);
  const fact = small.kind === 'large' ? await digestLargeFile(path) : small;
  return fact.kind === 'file' || fact.kind === 'symlink' ? fact.sha256 : null;
}
