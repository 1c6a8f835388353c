import { join } from 'node:path';
import { digestLargeFile, digestSmallFile } from '../platform/digest.ts';
import { lstatOrNull, makeTemporaryFolder, readFrom, readLinkOrNull, removeFolder } from '../platform/files.ts';
import type { RawProcessResult } from '../platform/process.ts';
import type { ComparedRepository } from './compare.ts';
import { gitRaw } from './git.ts';
import { gitTrouble } from './git-trouble.ts';
import { looksSecret } from './secret-names.ts';
import { EXECUTABLE, LINK, PLAIN } from './tracked.ts';

/**
 * What is not in a repository's commit, as one binary-safe patch against it. It has the bytes as they are here, past git's
 * filters, and is made with an index and objects of its own, so that nothing in the repository is written.
 */

/** A changed file above this is named and digested, not copied. */
const PATCH_FILE_LIMIT = 1024 * 1024;
/** All copied files together; what comes after is named and digested. */
const PATCH_TOTAL_LIMIT = 16 * 1024 * 1024;

/** The patch would show what was in it. */
export const SECRET_DELETED = 'deleted; the name looks like a secret';

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

const DIFF = [
  'diff-index',
  '--cached',
  '--patch',
  '--binary',
  '--full-index',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--no-renames',
  '--no-relative',
  '--src-prefix=a/',
  '--dst-prefix=b/',
];

/** The patch is relative to the top of the repository. Fails with git's own words. */
export async function makePatch(compared: ComparedRepository): Promise<Patch | { readonly error: string }> {
  const { repository } = compared;
  const { taken, leftOut } = await choose(repository.folder, compared.changed);
  if (taken.length === 0) return { content: Buffer.alloc(0), leftOut };
  const temporary = makeTemporaryFolder('autolab-patch-');
  try {
    const made = await diffOf(compared, taken, temporary);
    return 'error' in made ? made : { content: made.content, leftOut };
  } finally {
    removeFolder(temporary);
  }
}

/** Objects and an index in a folder of our own; those of the repository are read only. */
async function diffOf(
  { repository, committed }: ComparedRepository,
  taken: readonly string[],
  temporary: string,
): Promise<{ readonly content: Buffer } | { readonly error: string }> {
  const { folder, within, sha, fileMode } = repository;
  const env = {
    GIT_INDEX_FILE: join(temporary, 'index'),
    GIT_OBJECT_DIRECTORY: temporary,
    // In quotes as of C: a path may have a colon, which parts one from the next.
    GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(repository.objects),
  };
  const failed = (answer: RawProcessResult) => ({ error: gitTrouble(folder, answer).words });
  const ask = (words: readonly string[], stdin: string | Uint8Array = ''): Promise<RawProcessResult> =>
    gitRaw(folder, ['-c', 'core.fsync=none', ...words], { env, stdin });
  const tree = sha === null ? await ask(['hash-object', '-t', 'tree', '-w', '--stdin']) : null;
  const read = await ask(sha === null ? ['read-tree', '--empty'] : ['read-tree', sha]);
  const wrong = [tree, read].find((answer) => answer !== null && answer.exitCode !== 0) ?? null;
  if (wrong !== null) return failed(wrong);
  const blobs = await writeBlobs(folder, taken, ask);
  if ('exitCode' in blobs) return failed(blobs);
  const lines = taken.map((name) => {
    const blob = blobs.get(name);
    const stats = lstatOrNull(join(folder, name));
    if (blob === undefined || stats === null) return `0 ${'0'.repeat(40)}\t${within}${name}\0`;
    const before = committed.files.get(name)?.mode;
    const byBits = (stats.mode & 0o100) === 0 ? PLAIN : EXECUTABLE;
    const mode = stats.isSymbolicLink() ? LINK : fileMode ? byBits : before === EXECUTABLE ? EXECUTABLE : PLAIN;
    return `${mode} ${blob}\t${within}${name}\0`;
  });
  // Removals first: a folder may stand where a file was.
  const sorted = [...lines.filter((line) => line.startsWith('0 ')), ...lines.filter((line) => !line.startsWith('0 '))];
  const updated = await ask(['update-index', '-z', '--index-info'], sorted.join(''));
  if (updated.exitCode !== 0) return failed(updated);
  const diff = await ask([...DIFF, sha ?? tree?.stdout.toString('latin1').trim() ?? '']);
  if (diff.truncated) return { error: 'the patch is larger than 256 MiB' };
  return diff.exitCode === 0 ? { content: diff.stdout } : failed(diff);
}

type Ask = (words: readonly string[], stdin?: string | Uint8Array) => Promise<RawProcessResult>;

/** By name; without files that are gone. */
async function writeBlobs(
  folder: string,
  names: readonly string[],
  ask: Ask,
): Promise<ReadonlyMap<string, string> | RawProcessResult> {
  const blobs = new Map<string, string>();
  const together: string[] = [];
  for (const name of names) {
    const stats = lstatOrNull(join(folder, name));
    if (stats?.isFile() === true && !name.includes('\n')) together.push(name);
    else if (stats !== null) {
      // A link's text; and a name that git would read as two.
      const bytes = stats.isSymbolicLink()
        ? (readLinkOrNull(join(folder, name)) ?? '')
        : readFrom(join(folder, name), 0);
      const written = await ask(['hash-object', '-w', '--no-filters', '--stdin'], bytes);
      if (written.exitCode !== 0) return written;
      blobs.set(name, written.stdout.toString('latin1').trim());
    }
  }
  if (together.length === 0) return blobs;
  const words = ['hash-object', '-w', '--no-filters', '--stdin-paths'];
  const written = await ask(words, together.map((name) => `${join(folder, name)}\n`).join(''));
  const ids = written.stdout.toString('latin1').split('\n');
  if (written.exitCode !== 0) return written;
  for (const [at, name] of together.entries()) blobs.set(name, ids[at] ?? '');
  return blobs;
}

async function choose(
  folder: string,
  names: readonly string[],
): Promise<{ readonly taken: readonly string[]; readonly leftOut: readonly LeftOut[] }> {
  const taken: string[] = [];
  const leftOut: LeftOut[] = [];
  let total = 0;
  for (const path of names) {
    const stats = lstatOrNull(join(folder, path));
    const bytes = stats?.size ?? 0;
    const secret = looksSecret(path);
    const reason = secret
      ? stats === null
        ? SECRET_DELETED
        : 'the name looks like a secret'
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
    leftOut.push({ path, reason, bytes, sha256: secret ? null : await digestOrNull(join(folder, path)) });
  }
  return { taken, leftOut };
}

async function digestOrNull(path: string): Promise<string | null> {
  const small = digestSmallFile(path);
  const fact = small.kind === 'large' ? await digestLargeFile(path) : small;
  return fact.kind === 'file' || fact.kind === 'symlink' ? fact.sha256 : null;
}
