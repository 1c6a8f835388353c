import { sha256 } from '../platform/ids.ts';
import { newToken } from '../platform/ids.ts';
import type { FileDigest } from '../records/digest-files.ts';
import { git, gitRaw } from './git.ts';
import { gitTrouble } from './git-trouble.ts';
import type { Repository } from './repository.ts';
import type { CommittedTree } from './tracked.ts';

/** Which files are what git makes of a commit's bytes: by line endings, filters, or git LFS. */
export interface CleanByFilter {
  readonly clean: ReadonlySet<string>;
  /** Git's words, by name: neither clean nor known to differ. */
  readonly trouble: ReadonlyMap<string, string>;
}

/** A pointer of git LFS is about 130 bytes long. */
const LONGEST_POINTER = 1024;
/** What one git is asked for at once, in bytes of the files here. */
const BATCH_BYTES = 32 * 1024 * 1024;

const CONVERTING = ['filter', 'text', 'eol', 'crlf', 'ident', 'working-tree-encoding'];

/** `names`: relative to the repository, whose bytes are not those of the commit. */
export async function cleanByFilter(
  repository: Repository,
  committed: CommittedTree,
  names: readonly string[],
  digestOf: (name: string) => FileDigest | undefined,
): Promise<CleanByFilter> {
  const clean = new Set<string>();
  const trouble = new Map<string, string>();
  if (names.length === 0) return { clean, trouble };
  const { folder } = repository;
  const blobOf = (name: string): string => committed.files.get(name)?.blob ?? '';
  const pointers = await pointersAmong(folder, [...new Set(names.map(blobOf))]);
  const kept = await keptByLfs(
    folder,
    names.filter((name) => pointers.has(blobOf(name))),
  );
  const left = new Set<string>();
  for (const name of names) {
    const oid = kept.has(name) ? pointers.get(blobOf(name)) : undefined;
    if (oid === undefined) left.add(name);
    else if (oid === digestOf(name)?.sha256) clean.add(name);
  }
  const converted = await convertedAmong(folder, [...left]);
  for (const batch of batchesOf(converted, (name) => digestOf(name)?.bytes ?? 0)) {
    const made = await filtered(
      folder,
      batch.map((name) => ({ name, blob: blobOf(name) })),
    );
    for (const [name, what] of made)
      if ('words' in what) trouble.set(name, what.words);
      else if (what.sha256 === digestOf(name)?.sha256) clean.add(name);
  }
  return { clean, trouble };
}

/** The oid that an LFS pointer names, by blob. */
async function pointersAmong(folder: string, blobs: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const sizes = await git(folder, ['cat-file', '--batch-check=%(objectname) %(objectsize)'], { stdin: lines(blobs) });
  const small = sizes.stdout.split('\n').flatMap((line) => {
    const [blob = '', size = ''] = line.split(' ');
    return /^\d+$/.test(size) && Number(size) <= LONGEST_POINTER ? [blob] : [];
  });
  if (small.length === 0) return new Map();
  const contents = await git(folder, ['cat-file', '--batch'], { stdin: lines(small) });
  const pointer = /^([0-9a-f]+) blob \d+\nversion https:\/\/git-lfs[^\n]*\n(?:[^\n]+\n)*?oid sha256:([0-9a-f]{64})\n/gm;
  return new Map([...contents.stdout.matchAll(pointer)].map(([, blob = '', oid = '']) => [blob, oid]));
}

/** A pointer is one only where git's attributes say so. */
async function keptByLfs(folder: string, names: readonly string[]): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const answer = await git(folder, ['check-attr', '-z', '--stdin', 'filter'], {
    stdin: names.map((name) => `${name}\0`).join(''),
  });
  const fields = answer.stdout.split('\0');
  return new Set(names.filter((_, at) => fields[3 * at + 2] === 'lfs'));
}

function lines(words: readonly string[]): string {
  return words.map((word) => `${word}\n`).join('');
}

/** Those that git writes out otherwise than they are committed. The files of LFS are known by their pointers. */
async function convertedAmong(folder: string, names: readonly string[]): Promise<readonly string[]> {
  if (names.length === 0) return [];
  const [attributes, autocrlf] = await Promise.all([
    git(folder, ['check-attr', '-z', '--stdin', ...CONVERTING], { stdin: names.map((name) => `${name}\0`).join('') }),
    git(folder, ['config', '--get', 'core.autocrlf']),
  ]);
  if (['true', 'input'].includes(autocrlf.stdout.trim())) return names;
  const converted = new Set<string>();
  const fields = attributes.stdout.split('\0');
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [name = '', attribute, value = ''] = fields.slice(at, at + 3);
    if (value !== 'unspecified' && value !== 'unset' && !(attribute === 'filter' && value === 'lfs'))
      converted.add(name);
  }
  return [...converted];
}

function batchesOf(names: readonly string[], bytesOf: (name: string) => number): readonly (readonly string[])[] {
  const batches: string[][] = [];
  let bytes = Infinity;
  for (const name of names) {
    if (bytes + bytesOf(name) > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(name);
    bytes += bytesOf(name);
  }
  return batches;
}

interface Wanted {
  readonly name: string;
  readonly blob: string;
}
type Made = ReadonlyMap<string, { readonly sha256: string } | { readonly words: string }>;

async function filtered(folder: string, wanted: readonly Wanted[]): Promise<Made> {
  // One git for all; it ends at the first file that it cannot make, and reads a name up to the end of a line.
  const together = wanted.filter(({ name }) => !name.includes('\n'));
  const made = await filteredTogether(folder, together);
  const alone = made === null ? wanted : wanted.filter(({ name }) => name.includes('\n'));
  const all = new Map(made);
  for (const { name, blob } of alone) {
    const one = await gitRaw(folder, ['cat-file', '--filters', `--path=${name}`, blob]);
    all.set(
      name,
      one.exitCode === 0 && !one.truncated ? { sha256: sha256(one.stdout) } : { words: gitTrouble(folder, one).words },
    );
  }
  return all;
}

async function filteredTogether(folder: string, wanted: readonly Wanted[]): Promise<Made | null> {
  if (wanted.length === 0) return new Map();
  // The sizes that git prints are those of before the filter, so that its answers are parted by a word that it cannot know.
  const mark = `autolab-${newToken()}`;
  const answer = await gitRaw(folder, ['cat-file', `--batch=${mark} %(objectname)`, '--filters'], {
    stdin: lines(wanted.map(({ name, blob }) => `${blob} ${name}`)),
  });
  const parts = partsOf(answer.stdout, mark);
  if (answer.exitCode !== 0 || answer.truncated || parts.length !== wanted.length) return null;
  return new Map(wanted.map(({ name }, at) => [name, { sha256: sha256(parts[at] ?? Buffer.alloc(0)) }]));
}

/** Behind each `MARK OID\n`, up to the line break before the next one. */
function partsOf(answer: Buffer, mark: string): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let at = answer.indexOf(mark); at >= 0;) {
    const begin = answer.indexOf('\n', at) + 1;
    const next = answer.indexOf(mark, begin);
    parts.push(answer.subarray(begin, (next < 0 ? answer.length : next) - 1));
    at = next;
  }
  return parts;
}
