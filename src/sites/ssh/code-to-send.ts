import { join } from 'node:path';
import { findCode } from '../../code/find.ts';
import { pathsFrom } from '../../code/listing-text.ts';
import { isOwnFile } from '../../code/own-files.ts';
import type { CodeScope } from '../../code/scope.ts';
import { lstatOrNull, realPathOr, removeFolder, sizeOf } from '../../platform/files.ts';
import { runRaw } from '../../platform/process.ts';
import { makeTemporaryFolder } from '../../platform/temporary-folder.ts';
import { listTree } from '../../records/listing.ts';
import type { TransferFile } from '../../transports/transfer.ts';

/**
 * What mode `rsync` sends: the code as git sees it, with the repositories in it, or without git the whole project; never
 * autolab's own records, nor `.git`.
 */
export interface CodeToSend {
  /** What is sent from: the top of the code. */
  readonly base: string;
  /** Relative to `base`. */
  readonly files: readonly TransferFile[];
  /** Left here by the profile's `exclude`; relative to the project root, as in `code.sha256`. */
  readonly leftOut: ReadonlySet<string>;
}

/** null if git does not answer any more. */
export async function codeToSend(
  root: string,
  { source, scope }: { readonly source: 'git' | 'none'; readonly scope: CodeScope },
  exclude: readonly string[],
): Promise<CodeToSend | { readonly words: string }> {
  const found = source === 'git' ? await findCode(root, scope) : null;
  if (found !== null && found.kind !== 'git')
    return { words: found.kind === 'failed' ? found.words : found.kind === 'none' ? found.reason : found.message };
  const base = found?.base ?? realPathOr(root);
  const prefix = found?.prefix ?? '';
  // A tracked file that was deleted cannot be sent.
  const there = (found?.names ?? (await namesOfTree(base))).filter((name) => {
    const stats = lstatOrNull(join(base, name));
    return stats !== null && (stats.isFile() || stats.isSymbolicLink());
  });
  const patterns = exclude.map((pattern) => (pattern.startsWith('/') ? `/${prefix}${pattern.slice(1)}` : pattern));
  const kept = exclude.length === 0 ? null : await keptByRsync(base, there, patterns);
  const sent = kept === null ? there : there.filter((name) => kept.has(name));
  const fromRoot = pathsFrom(prefix);
  return {
    base,
    files: sent.map((path) => ({ path, bytes: sizeOf(join(base, path)) })),
    leftOut: new Set(kept === null ? [] : there.filter((name) => !kept.has(name)).map(fromRoot)),
  };
}

async function namesOfTree(root: string): Promise<readonly string[]> {
  const isOwn = isOwnFile(root);
  const { entries } = await listTree(root, { exclude: (path) => path === '.git' || path.endsWith('/.git') });
  return entries.filter(({ path, kind }) => kind !== 'other' && !isOwn(path)).map(({ path }) => path);
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
