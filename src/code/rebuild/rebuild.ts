import { join } from 'node:path';
import { makeFolder, realPathOr, removeFolder } from '../../platform/files.ts';
import { makeTemporaryFolder } from '../../platform/temporary-folder.ts';
import { sortBytewise } from '../../records/byte-order.ts';
import { SECRET_DELETED } from '../patch.ts';
import { innermostRepository, isSafePath, liesBeyondLink, type Recipe, type RecipeRepository } from './recipe.ts';
import { rebuildTree, type RepositoryTree } from './repository-tree.ts';
import { committedSecrets } from './secrets.ts';
import { candidatesFor, type Here, sourceOf } from './sources.ts';
import { type Wanted, writeRepository } from './write-repository.ts';

/** Makes the tree that ran, from commits and patches; the digests of the listing decide what is right. */

export interface MissingFile {
  /** From the top of the repository. */
  readonly path: string;
  readonly reason: string;
}

export interface Rebuilt {
  /** What there was: files and links. */
  readonly files: number;
  readonly rebuilt: number;
  /** Sorted by path. */
  readonly missing: readonly MissingFile[];
}

export interface RebuildPlaces {
  /** The new folder: absolute; empty or not there. */
  readonly directory: string;
  /** Of the run: it has the patches. */
  readonly runFolder: string;
  /** Or why the project is in no repository here. */
  readonly here: Here | { readonly words: string };
}

/** `ignore`: the project's `code.ignore`. */
export async function rebuildCode(recipe: Recipe, places: RebuildPlaces, ignore: readonly string[]): Promise<Rebuilt> {
  makeFolder(places.directory);
  const directory = realPathOr(places.directory);
  const missing = new Map<string, string>();
  const listed = wantedOf(recipe).filter(({ path }) => {
    const possible = isSafePath(path) && !liesBeyondLink(recipe, path);
    if (!possible) missing.set(path, 'no file of a work tree can have this path');
    return possible;
  });
  const shares = sharesOf(recipe, listed);
  let rebuilt = 0;
  for (const repository of recipe.repositories) {
    const share = shares.get(repository) ?? [];
    const done = await rebuildRepository(recipe, repository, share, { ...places, directory }, ignore);
    rebuilt += done.rebuilt;
    for (const [path, reason] of done.missing) missing.set(path, reason);
  }
  for (const path of recipe.namesOnly) missing.set(path, 'a repository of its own, which the record has by name only');
  for (const { leftOut } of recipe.repositories)
    for (const [path, { reason }] of leftOut)
      if (reason !== SECRET_DELETED && !recipe.files.has(path) && !recipe.links.has(path)) missing.set(path, reason);
  const named = [...missing].map(([path, reason]) => ({ path, reason }));
  return { files: rebuilt + named.length, rebuilt, missing: sortBytewise(named, ({ path }) => path) };
}

function wantedOf({ files, links }: Recipe): readonly Wanted[] {
  return [
    ...[...files].map(([path, sha256]) => ({ path, sha256, isLink: false })),
    ...[...links].map(([path, sha256]) => ({ path, sha256, isLink: true })),
  ];
}

function sharesOf(recipe: Recipe, wanted: readonly Wanted[]): ReadonlyMap<RecipeRepository | null, readonly Wanted[]> {
  const shares = new Map<RecipeRepository | null, Wanted[]>();
  for (const one of wanted) {
    const repository = innermostRepository(recipe, one.path);
    const share = shares.get(repository);
    if (share === undefined) shares.set(repository, [one]);
    else share.push(one);
  }
  return shares;
}

interface Done {
  readonly rebuilt: number;
  readonly missing: ReadonlyMap<string, string>;
}

async function rebuildRepository(
  recipe: Recipe,
  repository: RecipeRepository,
  share: readonly Wanted[],
  places: RebuildPlaces,
  ignore: readonly string[],
): Promise<Done> {
  const because = (path: string, reason: string): string => leftOutReason(repository, path) ?? reason;
  const temporary = makeTemporaryFolder('autolab-rebuild-');
  try {
    const tree = await treeOf(recipe, repository, places, temporary);
    if (typeof tree === 'string')
      return { rebuilt: 0, missing: new Map(share.map(({ path }) => [path, because(path, tree)])) };
    const names = [...tree.entries.keys()];
    const { clean, doubtful } = committedSecrets(recipe, repository, names, ignore);
    const wanted = [...share, ...clean.map((path) => ({ path, sha256: null, isLink: false }))];
    const problems = await writeRepository(places.directory, repository.place, tree, wanted);
    const missing = new Map(doubtful);
    for (const [path, problem] of problems) missing.set(path, because(path, tree.patchTrouble ?? problem));
    for (const path of oddNames(recipe, repository, names)) missing.set(path, 'its name is not UTF-8');
    return { rebuilt: wanted.length - problems.size, missing };
  } finally {
    removeFolder(temporary);
  }
}

function oddNames({ odd, files }: Recipe, { place }: RecipeRepository, names: readonly string[]): readonly string[] {
  if (!odd) return [];
  return names.map((name) => place + name).filter((path) => path.includes('\uFFFD') && !files.has(path));
}

function leftOutReason({ leftOut }: RecipeRepository, path: string): string | null {
  const item = leftOut.get(path);
  if (item === undefined) return null;
  return item.sha256 === null ? item.reason : `${item.reason}; its sha256 is ${item.sha256}`;
}

async function treeOf(
  recipe: Recipe,
  repository: RecipeRepository,
  { directory, runFolder, here }: RebuildPlaces,
  temporary: string,
): Promise<RepositoryTree | string> {
  if ('words' in here) return `there is no git repository here: ${here.words}`;
  const { place, sha } = repository;
  const impossible = place !== '' && (!isSafePath(place.slice(0, -1)) || liesBeyondLink(recipe, place));
  if (impossible) return 'no repository can have this path';
  const candidates = await candidatesFor(here, repository);
  const source = await sourceOf(candidates, sha);
  if (source === null) return notHere(repository);
  const folder = join(directory, place);
  makeFolder(folder);
  const tree = await rebuildTree(repository, source, { folder, runFolder, temporary });
  return 'error' in tree ? tree.error : tree;
}

function notHere({ place, kind, sha, remoteUrl }: RecipeRepository): string {
  const commit = `the commit ${sha ?? ''}`;
  const from = remoteUrl === null ? '' : ` ${remoteUrl}`;
  if (kind === 'main') return `${commit} is not in this repository: git fetch${from}`;
  const path = place.slice(0, -1);
  return kind === 'submodule'
    ? `${commit} of the submodule ${path} is not here: git submodule update --init, or git fetch there`
    : `${commit} of the repository ${path} is not here: git clone${from} ${path}`;
}
