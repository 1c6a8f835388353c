import { join } from 'node:path';
import type { FileDigest } from '../platform/digest.ts';
import { lstatOrNull, readBytes, readLinkOrNull, readTextOrNull, removeFolder, sizeOf } from '../platform/files.ts';
import type { RawProcessResult } from '../platform/process.ts';
import { makeTemporaryFolder } from '../platform/temporary-folder.ts';
import type { ComparedRepository } from './compare.ts';
import { gitRaw } from './git.ts';
import { gitTrouble } from './git-trouble.ts';
import { OWN_INDEX } from './own-index.ts';
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

type DigestOf = (name: string) => FileDigest | undefined;

export interface Patch {
  readonly content: Buffer;
  readonly leftOut: readonly LeftOut[];
}

/** Files that are named, each with its reason. */
const MOST_LEFT_OUT = 1000;
/** Files that are read before others have their turn: Ctrl-C, the lease. */
const FILES_PER_TURN = 256;
const LINE_END = Buffer.from('\n');
const NO_BLOB = { sha1: '0'.repeat(40), sha256: '0'.repeat(64) };

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

/**
 * The patch is relative to the top of the repository. `digestOf` knows the files that were read, relative to it. Fails
 * with git's own words.
 */
export async function makePatch(
  compared: ComparedRepository,
  digestOf: DigestOf,
): Promise<Patch | { readonly error: string }> {
  const { taken, leftOut } = choose(compared, digestOf);
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
  { repository, committed, gone, modeOnly }: ComparedRepository,
  taken: readonly string[],
  temporary: string,
): Promise<{ readonly content: Buffer } | { readonly error: string }> {
  const { folder, within, sha, fileMode, objectFormat } = repository;
  const env = {
    GIT_INDEX_FILE: join(temporary, 'index'),
    GIT_OBJECT_DIRECTORY: temporary,
    // In quotes as of C: a path may have a colon, which parts one from the next.
    GIT_ALTERNATE_OBJECT_DIRECTORIES: JSON.stringify(repository.objects),
  };
  const failed = (answer: RawProcessResult) => ({ error: gitTrouble(folder, answer).words });
  const ask = (words: readonly string[], stdin: string | Uint8Array = ''): Promise<RawProcessResult> =>
    gitRaw(folder, [...OWN_INDEX, ...words], { env, stdin });
  const tree = sha === null ? await ask(['hash-object', '-t', 'tree', '-w', '--stdin']) : null;
  const read = await ask(sha === null ? ['read-tree', '--empty'] : ['read-tree', sha]);
  const wrong = [tree, read].find((answer) => answer !== null && answer.exitCode !== 0) ?? null;
  if (wrong !== null) return failed(wrong);
  const there = taken.filter((name) => !gone.has(name) && !modeOnly.has(name));
  const blobs = await writeBlobs(folder, there, temporary, ask);
  if ('exitCode' in blobs) return failed(blobs);
  const lines = taken.map((name) => {
    const blob = modeOnly.has(name) ? committed.files.get(name)?.blob : blobs.get(name);
    const stats = lstatOrNull(join(folder, name));
    if (blob === undefined || stats === null) return `0 ${NO_BLOB[objectFormat]}\t${within}${name}\0`;
    const before = committed.files.get(name)?.mode;
    const byBits = (stats.mode & 0o100) === 0 ? PLAIN : EXECUTABLE;
    const mode = stats.isSymbolicLink() ? LINK : fileMode ? byBits : before === EXECUTABLE ? EXECUTABLE : PLAIN;
    return `${mode} ${blob}\t${within}${name}\0`;
  });
  // Files in the place of a submodule.
  for (const path of committed.submodules.keys())
    if (taken.some((name) => name.startsWith(`${path}/`))) lines.push(`0 ${NO_BLOB[objectFormat]}\t${within}${path}\0`);
  // Removals first: a folder may stand where a file was.
  const sorted = [...lines.filter((line) => line.startsWith('0 ')), ...lines.filter((line) => !line.startsWith('0 '))];
  const updated = await ask(['update-index', '-z', '--index-info'], sorted.join(''));
  if (updated.exitCode !== 0) return failed(updated);
  const diff = await ask([...DIFF, sha ?? tree?.stdout.toString('latin1').trim() ?? '']);
  if (diff.truncated) return { error: 'the patch is larger than 256 MiB' };
  return diff.exitCode === 0 ? { content: diff.stdout } : failed(diff);
}

type Ask = (words: readonly string[], stdin?: string | Uint8Array) => Promise<RawProcessResult>;

/**
 * By name; without files that are gone. One pack for all: a file for each object takes ten times as long, and names may
 * have line breaks.
 */
async function writeBlobs(
  folder: string,
  names: readonly string[],
  temporary: string,
  ask: Ask,
): Promise<ReadonlyMap<string, string> | RawProcessResult> {
  const written: string[] = [];
  const stream: Buffer[] = [];
  for (const [at, name] of names.entries()) {
    if (at % FILES_PER_TURN === 0) await new Promise(setImmediate);
    const path = join(folder, name);
    const stats = lstatOrNull(path);
    if (stats === null) continue;
    const bytes = stats.isSymbolicLink() ? Buffer.from(readLinkOrNull(path) ?? '') : readBytes(path);
    written.push(name);
    stream.push(Buffer.from(`blob\nmark :${written.length}\ndata ${bytes.length}\n`), bytes, LINE_END);
  }
  if (written.length === 0) return new Map();
  const marks = join(temporary, 'marks');
  const words = ['-c', 'core.compression=0', 'fast-import', '--quiet', '--depth=0', `--export-marks=${marks}`];
  const answer = await ask(words, Buffer.concat(stream));
  if (answer.exitCode !== 0) return answer;
  const ids = [...(readTextOrNull(marks) ?? '').matchAll(/^:(\d+) ([0-9a-f]+)$/gm)];
  return new Map(ids.map(([, mark, id = '']) => [written[Number(mark) - 1] ?? '', id]));
}

function choose(
  { repository: { folder }, changed, gone, modeOnly, unread }: ComparedRepository,
  digestOf: DigestOf,
): { readonly taken: readonly string[]; readonly leftOut: readonly LeftOut[] } {
  const taken: string[] = [];
  const leftOut: LeftOut[] = [];
  let total = 0;
  for (const path of changed) {
    const isGone = gone.has(path);
    const why = unread.get(path);
    const digest = digestOf(path);
    const bytes = isGone || modeOnly.has(path) ? 0 : (digest?.bytes ?? sizeOf(join(folder, path)));
    const secret = looksSecret(path);
    const reason = secret
      ? isGone
        ? SECRET_DELETED
        : 'the name looks like a secret'
      : why !== undefined
        ? `could not be read: ${why}`
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
    leftOut.push({ path, reason, bytes, sha256: secret ? null : (digest?.sha256 ?? null) });
  }
  return { taken, leftOut: withoutCrowd(leftOut) };
}

/**
 * Tens of thousands of entries would make every later look at the record slow, and `code.sha256` has their digests. What
 * it does not have, such as secrets, is always named.
 */
function withoutCrowd(leftOut: readonly LeftOut[]): readonly LeftOut[] {
  const digested = leftOut.filter(({ sha256 }) => sha256 !== null);
  const more = new Set(digested.slice(MOST_LEFT_OUT));
  if (more.size === 0) return leftOut;
  const last = digested[MOST_LEFT_OUT - 1];
  return leftOut.flatMap((file) => {
    if (more.has(file)) return [];
    return file === last
      ? [{ ...file, reason: `${file.reason}; ${more.size} files after it are left out, too` }]
      : [file];
  });
}
