import { join } from 'node:path';
import { digestLargeFile, digestSmallFile } from '../../platform/digest.ts';
import { exists, readBytes, sizeOf } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { copyToNewFile, writeNewFile } from '../../platform/new-tree.ts';
import { EXECUTABLE } from '../tracked.ts';
import type { AskGit, RepositoryTree } from './repository-tree.ts';
import { writeFiltered } from './write-blobs.ts';

/** A file whose bytes are not those of its blob: what git LFS, line endings or git's filters make of it. */

interface UnlikeBlob {
  /** Relative to the repository. */
  readonly name: string;
  readonly blob: string;
  readonly mode: string;
  readonly sha256: string;
}

/** A pointer of git LFS is about 130 bytes long. */
const LONGEST_POINTER = 1024;
const POINTER = /^version https:\/\/git-lfs[^\n]*\n(?:[^\n]+\n)*?oid sha256:([0-9a-f]{64})\n/;
/** A larger text is left to git's filters. */
const MOST_TEXT_BYTES = 64 * 1024 * 1024;

/** As git is set up here, and as it may have been where the run was launched. */
const LINE_ENDINGS: readonly (readonly string[])[] = [
  [],
  ['-c', 'core.autocrlf=false', '-c', 'core.eol=lf'],
  ['-c', 'core.autocrlf=true'],
];

/** The raw blob is at `path`. Returns null if the right bytes are there now, else why not; then anything may be there. */
export async function convertFile(
  tree: RepositoryTree,
  askers: readonly AskGit[],
  unlike: UnlikeBlob,
  path: string,
): Promise<string | null> {
  const { mode, name, sha256: wanted, blob } = unlike;
  const executable = mode === EXECUTABLE;
  const raw = sizeOf(path) <= MOST_TEXT_BYTES ? readBytes(path) : null;
  const [, oid] = raw === null || raw.length > LONGEST_POINTER ? [] : (POINTER.exec(raw.toString('latin1')) ?? []);
  if (oid === wanted) return fromLfs(tree, oid, path, executable);
  if (raw !== null) {
    const text = withCrLf(raw);
    if (sha256(text) === wanted) return writeNewFile(path, text, executable);
  }
  let problem: string | null = null;
  for (const ask of askers)
    for (const endings of LINE_ENDINGS) {
      problem = await writeFiltered(ask, { path, blob, mode }, name, endings);
      if (problem === null && (await digestNow(path)) === wanted) return null;
    }
  const filter = await filterOf(tree, name);
  const which = filter === null ? 'its filters' : `the filter ${filter}`;
  if (problem !== null) return `git could not apply ${which}: ${problem}`;
  return filter === null
    ? 'neither the commit nor the patch has its bytes'
    : `the filter ${filter} is not set up here, or makes other bytes`;
}

async function fromLfs(
  { source }: RepositoryTree,
  oid: string,
  path: string,
  executable: boolean,
): Promise<string | null> {
  const object = join(source.commonDir, 'lfs', 'objects', oid.slice(0, 2), oid.slice(2, 4), oid);
  if (!exists(object)) return `git lfs does not have its bytes here (${oid}): git lfs fetch`;
  const problem = copyToNewFile(object, path, executable);
  if (problem !== null) return problem;
  return (await digestNow(path)) === oid ? null : `git lfs has other bytes for it (${oid})`;
}

function withCrLf(raw: Buffer): Buffer {
  return Buffer.from(raw.toString('latin1').replaceAll(/(?<!\r)\n/g, '\r\n'), 'latin1');
}

async function digestNow(path: string): Promise<string | null> {
  const small = digestSmallFile(path);
  const fact = small.kind === 'large' ? await digestLargeFile(path) : small;
  return fact.kind === 'file' ? fact.sha256 : null;
}

async function filterOf({ askText }: RepositoryTree, name: string): Promise<string | null> {
  const answer = await askText(['check-attr', '-z', '--stdin', 'filter'], `${name}\0`);
  const value = answer.stdout.split('\0')[2] ?? 'unspecified';
  return ['unspecified', 'unset', 'set', ''].includes(value) ? null : JSON.stringify(value);
}
