import { join } from 'node:path';
import { lstatOrNull, makeTemporaryFolder, removeFolder, sizeOf } from '../../platform/files.ts';
import { runRaw } from '../../platform/process.ts';
import { gitRaw } from '../../records/code/git.ts';
import { isCodePath } from '../../records/code/scope.ts';
import { listTree } from '../../records/listing.ts';
import type { TransferFile } from '../../transports/transfer.ts';

/**
 * What mode `rsync` sends: the work tree as git sees it (tracked, and untracked files that are not ignored), or without git
 * all of it; never autolab's own records, nor `.git`.
 */
export interface CodeToSend {
  readonly files: readonly TransferFile[];
  /** Left here by the profile's `exclude`. */
  readonly leftOut: ReadonlySet<string>;
}

export async function codeToSend(
  root: string,
  source: 'git' | 'none',
  exclude: readonly string[],
): Promise<CodeToSend> {
  const names = source === 'git' ? await namesOfGit(root) : await namesOfTree(root);
  // A tracked file that was deleted cannot be sent; a folder is a repository of its own.
  const there = names.filter((name) => {
    const stats = lstatOrNull(join(root, name));
    return stats !== null && (stats.isFile() || stats.isSymbolicLink());
  });
  const kept = exclude.length === 0 ? null : await keptByRsync(root, there, exclude);
  const sent = kept === null ? there : there.filter((name) => kept.has(name));
  return {
    files: sent.map((path) => ({ path, bytes: sizeOf(join(root, path)) })),
    leftOut: new Set(kept === null ? [] : there.filter((name) => !kept.has(name))),
  };
}

async function namesOfGit(root: string): Promise<readonly string[]> {
  const listed = await gitRaw(root, ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '.']);
  const names = new Set(listed.stdout.toString('utf8').split('\0'));
  return [...names].filter((name) => name !== '' && isCodePath(name));
}

async function namesOfTree(root: string): Promise<readonly string[]> {
  const { entries } = await listTree(root, { exclude: (path) => path === '.git' || path.endsWith('/.git') });
  return entries.filter(({ path, kind }) => kind !== 'other' && isCodePath(path)).map(({ path }) => path);
}

/**
 * Asks rsync itself what its patterns mean: which files of the tree it would send. It gets the names of the
 * first level only, so that a folder that a pattern names is left out with all that is in it.
 */
async function keptByRsync(
  root: string,
  names: readonly string[],
  exclude: readonly string[],
): Promise<ReadonlySet<string>> {
  const empty = makeTemporaryFolder('autolab-exclude-');
  try {
    const argv = [
      'rsync',
      '--dry-run',
      '--recursive',
      '--links',
      '--from0',
      '--files-from=-',
      '--8-bit-output',
      '--out-format=%n',
      ...exclude.map((pattern) => `--exclude=${pattern}`),
      `${root}/`,
      `${empty}/`,
    ];
    const result = await runRaw(argv, {
      timeoutMs: 120_000,
      maxBytes: 512 * 1024 * 1024,
      stdin: [...new Set(names.map((name) => `./${name.split('/')[0] ?? ''}`))].join('\0'),
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    if (result.exitCode !== 0) throw new Error(`rsync does not say what exclude means: ${result.stderr.trim()}`);
    return new Set(
      result.stdout
        .toString('utf8')
        .split('\n')
        .map((line) => unescape(line)),
    );
  } finally {
    removeFolder(empty);
  }
}

/** rsync writes control characters as `\#012`, and a backslash in front of `#` and three digits as `\#134`. */
function unescape(line: string): string {
  return line.replaceAll(/\\#(\d{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}
