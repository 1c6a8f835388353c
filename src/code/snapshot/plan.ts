import { dirname, posix } from 'node:path';
import { sha256 } from '../../platform/ids.ts';
import { sortBytewise } from '../../records/byte-order.ts';
import type { FileDigest } from '../../records/digest-files.ts';
import type { FoundCode } from '../find.ts';
import { looksSecret } from '../secret-names.ts';

/** What a snapshot consists of: the listed files, and links to what is not code. Pure. */
export interface SnapshotPlan {
  /** Names the tree: the same for the same files, modes and links. */
  readonly digest: string;
  readonly files: readonly PlannedFile[];
  readonly symlinks: readonly PlannedSymlink[];
  /** Relative to the tree, parents first; the tree itself is ''. */
  readonly folders: readonly string[];
}

export interface PlannedFile {
  /** Relative to the tree. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly executable: boolean;
}

export interface PlannedSymlink {
  readonly path: string;
  readonly target: string;
}

export interface SnapshotInputs {
  readonly found: Pick<FoundCode, 'prefix'>;
  readonly digests: ReadonlyMap<string, FileDigest>;
  /** The project as the run sees it, absolute: links lead there. */
  readonly project: string;
  /** Relative to the project, as `plainLinks` has them. */
  readonly links: readonly string[];
}

export function planSnapshot({ found: { prefix }, digests, project, links }: SnapshotInputs): SnapshotPlan {
  const tree = posix.join(project, prefix.replaceAll(/[^/]+\//g, '../'));
  const files: PlannedFile[] = [];
  const symlinks: PlannedSymlink[] = links.map((link) => ({
    path: `${prefix}${link}`,
    target: posix.join(project, link),
  }));
  for (const [path, fact] of digests) {
    if (looksSecret(path)) continue;
    if (fact.kind === 'symlink') symlinks.push({ path, target: targetFrom(path, fact.target, tree) });
    else files.push({ path, sha256: fact.sha256, bytes: fact.bytes, executable: fact.executable });
  }
  const sorted = {
    files: sortBytewise(files, ({ path }) => path),
    symlinks: sortBytewise(symlinks, ({ path }) => path),
  };
  const paths = [...files, ...symlinks].map(({ path }) => path);
  const folders = foldersOf([...paths, `${prefix}.`]);
  return { digest: digestOf(sorted), folders, ...sorted };
}

/** A relative link that leads out of the tree leads to the same place from the snapshot. */
function targetFrom(path: string, target: string, tree: string): string {
  if (posix.isAbsolute(target)) return target;
  const within = posix.join(posix.dirname(path), target);
  return within === '..' || within.startsWith('../') ? posix.join(tree, within) : target;
}

function foldersOf(paths: readonly string[]): readonly string[] {
  const folders = new Set<string>(['']);
  for (const path of paths)
    for (let at = dirname(path); at !== '.' && !folders.has(at); at = dirname(at)) folders.add(at);
  return [...folders].sort((a, b) => a.length - b.length);
}

function digestOf({ files, symlinks }: Pick<SnapshotPlan, 'files' | 'symlinks'>): string {
  const lines = [
    ...files.map(({ path, sha256: digest, executable }) => [executable ? 'x' : 'f', digest, path]),
    ...symlinks.map(({ path, target }) => ['l', target, path]),
  ];
  return sha256(lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
}
