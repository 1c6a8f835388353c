import { git } from '../../code/git.ts';
import { ownFileSources } from '../../code/own-files.ts';
import { pathMatcher } from '../../code/path-matcher.ts';
import { readTextOrNull } from '../../platform/files.ts';
import { sha256 } from '../../platform/ids.ts';
import { parseChecksums } from '../../records/checksums.ts';
import type { RunRecord } from '../../report/read-record.ts';

/** The files of the code that are not the same in all runs: by their digests, and by git where it has both commits. */

export interface ComparedFiles {
  /** How many differ; null if neither the records nor git can say. */
  readonly total: number | null;
  /** The first ones, by path. */
  readonly changed: readonly ComparedFile[];
}

export interface ComparedFile {
  readonly path: string;
  /** One of each run: its SHA-256, or null where there is no such file. Empty if only git knows. */
  readonly digests: readonly (string | null)[];
  /** Lines, of two commits; null if they are not known. */
  readonly insertions: number | null;
  readonly deletions: number | null;
}

const MOST_FILES = 200;
/** What autolab writes is no code; the lists are without it. */
const isOwn = pathMatcher(
  ownFileSources({
    autolab: ['.autolab/'],
    docs: ['docs/'],
    experiments: ['experiments/'],
    experiment: [],
    whole: [],
  }).join('|'),
);

export async function comparedFiles(root: string, records: readonly RunRecord[]): Promise<ComparedFiles> {
  const lists = records.map(listOfCode);
  const lines = await linesOfCommits(root, records);
  const known = lists.filter((list) => list !== null);
  if (known.length < lists.length) {
    if (lines === null) return { total: null, changed: [] };
    const changed = [...lines]
      .filter(([path]) => !isOwn(path))
      .map(([path, [insertions, deletions]]) => ({ path, digests: [], insertions, deletions }));
    return { total: changed.length, changed: changed.slice(0, MOST_FILES) };
  }
  const changed = differingFiles(known);
  return {
    total: changed.length,
    changed: changed.slice(0, MOST_FILES).map((file) => {
      const [insertions, deletions] = lines?.get(file.path) ?? [null, null];
      return { ...file, insertions, deletions };
    }),
  };
}

/** Null if it is gone, or another one than was recorded. */
function listOfCode({ manifest: { commit }, paths }: RunRecord): ReadonlyMap<string, string> | null {
  const text = commit.tree_digest === null ? null : readTextOrNull(paths.codeSums);
  if (text === null || sha256(text) !== commit.tree_digest) return null;
  const { value } = parseChecksums(text, 'code.sha256');
  return value === null ? null : new Map(value.map((entry) => [entry.path, entry.sha256]));
}

/** Pure. */
export function differingFiles(
  lists: readonly ReadonlyMap<string, string>[],
): readonly Pick<ComparedFile, 'path' | 'digests'>[] {
  const paths = [...new Set(lists.flatMap((list) => [...list.keys()]))].sort();
  return paths.flatMap((path) => {
    const digests = lists.map((list) => list.get(path) ?? null);
    return new Set(digests).size === 1 ? [] : [{ path, digests }];
  });
}

type Lines = ReadonlyMap<string, readonly [insertions: number | null, deletions: number | null]>;

/** Of two runs whose code is that of their commits; null if git does not have both. Paths are from the project's root. */
async function linesOfCommits(root: string, records: readonly RunRecord[]): Promise<Lines | null> {
  const [first, last] = records.map(({ manifest }) => manifest.commit);
  if (records.length !== 2 || first === undefined || last === undefined) return null;
  if (first.dirty !== false || last.dirty !== false || first.sha === null || last.sha === null) return null;
  const words = [
    'diff',
    '--numstat',
    '-z',
    '--no-renames',
    '--no-ext-diff',
    '--no-textconv',
    first.sha,
    last.sha,
    '--',
  ];
  const [answer, places] = await Promise.all([
    git(root, words),
    git(root, ['rev-parse', '--show-cdup', '--show-prefix']),
  ]);
  const [up = '', prefix = ''] = places.stdout.split('\n');
  return answer.exitCode !== 0 || places.exitCode !== 0 ? null : linesOfNumstat(answer.stdout, up, prefix);
}

/** `up`: from the project to the top of its repository; `prefix`: the other way. Pure. */
export function linesOfNumstat(numstat: string, up: string, prefix: string): Lines {
  const rows = numstat.split('\0').flatMap((row) => {
    const [, insertions = '', deletions = '', path] = /^(\d+|-)\t(\d+|-)\t(.+)$/s.exec(row) ?? [];
    if (path === undefined) return [];
    const own = path.startsWith(prefix) ? path.slice(prefix.length) : `${up}${path}`;
    const count = (text: string): number | null => (text === '-' ? null : Number(text));
    return [[own, [count(insertions), count(deletions)] as const] as const];
  });
  return new Map(rows);
}
