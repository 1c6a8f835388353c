import { posix } from 'node:path';
import { parseChecksums } from '../../records/checksums.ts';
import type { CommitRecord, RepositoryRecord } from '../../records/manifest-schema.ts';

/** What a run's record says about its code, with all paths from the top of the repository. Pure. */
export interface Recipe {
  /** Where the project is: '' or `sub/folder/`. */
  readonly prefix: string;
  /** What is listed: '' for the whole repository, or the project's place. */
  readonly base: string;
  readonly files: ReadonlyMap<string, string>;
  /** The digests of the texts of links. */
  readonly links: ReadonlyMap<string, string>;
  /** The one of the project comes first. */
  readonly repositories: readonly RecipeRepository[];
  /** Repositories within, of which an old record has the name only. */
  readonly namesOnly: readonly string[];
  /** Some files of the commit were not checked out, and it is not recorded which. */
  readonly sparse: boolean;
  /** Some names were not UTF-8, and are not listed. */
  readonly odd: boolean;
}

export interface RecipeRepository {
  /** '' or with a last slash. */
  readonly place: string;
  readonly kind: RepositoryRecord['kind'];
  readonly sha: string | null;
  readonly remoteUrl: string | null;
  /** null: the tree was that of the commit, or the patch could not be made. */
  readonly patch: { readonly file: string; readonly sha256: string; readonly bytes: number } | null;
  readonly patchFailed: boolean;
  /** Whole paths. */
  readonly leftOut: ReadonlyMap<string, LeftOutRecord>;
}

export type LeftOutRecord = NonNullable<RepositoryRecord['patch']>['left_out'][number];

/** `prefixNow`: of the project in its repository as it is here; old records do not have it. */
export function recipeOf(
  commit: CommitRecord,
  listing: string,
  prefixNow: string,
): Recipe | { readonly error: string } {
  const { value: entries, problems } = parseChecksums(listing, 'code.sha256');
  if (entries === null) return { error: problems[0]?.message ?? 'it cannot be read' };
  const old = commit.repositories === undefined;
  const prefix = commit.prefix ?? prefixNow;
  const base = commit.scope === 'project' ? prefix : '';
  const whole = (path: string): string => posix.normalize(`${prefix}${path}`);
  const comments = [...listing.matchAll(/^# (symlink ([0-9a-f]{64})|repository) (".*")$/gm)].flatMap(
    ([, , digest = null, quoted = '']) => {
      const path = unquoted(quoted);
      return path === null ? [] : [{ digest, path: whole(path) }];
    },
  );
  return {
    prefix,
    base,
    files: new Map(entries.map(({ path, sha256 }) => [whole(path), sha256])),
    links: new Map(comments.flatMap(({ digest, path }) => (digest === null ? [] : [[path, digest] as const]))),
    repositories: old ? [oldRepository(commit)] : (commit.repositories ?? []).map((one) => recorded(one, base)),
    namesOnly: old ? comments.flatMap(({ digest, path }) => (digest === null ? [path] : [])) : [],
    sparse: commit.notes.some((note) => note.endsWith('the checkout is sparse')),
    odd: commit.notes.some((note) => note.startsWith('file names that are not UTF-8')),
  };
}

function unquoted(quoted: string): string | null {
  try {
    const path: unknown = JSON.parse(quoted);
    return typeof path === 'string' ? path : null;
  } catch {
    return null;
  }
}

/** What was left out of an old patch is named from the top, as in the patch. */
function oldRepository({ sha, remote_url, dirty, patch }: CommitRecord): RecipeRepository {
  return {
    place: '',
    kind: 'main',
    sha,
    remoteUrl: remote_url,
    patch: patch === null ? null : { file: 'code.patch', sha256: patch.sha256, bytes: patch.bytes },
    patchFailed: dirty === true && patch === null,
    leftOut: new Map((patch?.left_out ?? []).map((item) => [item.path, item])),
  };
}

function recorded({ path, kind, sha, remote_url, dirty, patch }: RepositoryRecord, base: string): RecipeRepository {
  const within = path === '.' ? base : `${base}${path}/`;
  return {
    place: path === '.' ? '' : within,
    kind,
    sha,
    remoteUrl: remote_url,
    patch: patch === null ? null : { file: patch.file, sha256: patch.sha256, bytes: patch.bytes },
    patchFailed: dirty && patch === null,
    leftOut: new Map((patch?.left_out ?? []).map((item) => [within + item.path, item])),
  };
}

/** The repository that a path lies in: the innermost one. */
export function innermostRepository(recipe: Pick<Recipe, 'repositories'>, path: string): RecipeRepository | null {
  let found: RecipeRepository | null = null;
  for (const repository of recipe.repositories)
    if (path.startsWith(repository.place) && repository.place.length >= (found?.place.length ?? 0)) found = repository;
  return found;
}

/** Whether a path may be written below a new folder: a record is only a file, and anybody can edit it. */
export function isSafePath(path: string): boolean {
  return path !== '' && !path.includes('\0') && path.split('/').every((part) => !/^(\.{0,2}|\.git)$/i.test(part));
}

/** Whether a folder of the path is a link by the record: what is written there would land elsewhere. */
export function liesBeyondLink({ links }: Pick<Recipe, 'links'>, path: string): boolean {
  for (let end = path.indexOf('/'); end >= 0; end = path.indexOf('/', end + 1))
    if (links.has(path.slice(0, end))) return true;
  return false;
}
