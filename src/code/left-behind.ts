import { join, resolve } from 'node:path';
import { lstatOrNull, readTextOrNull, realPathOr } from '../platform/files.ts';
import { parseChecksums } from '../records/checksums.ts';
import { digestFiles } from '../records/digest-files.ts';
import type { CommitRecord } from '../records/manifest-schema.ts';
import { gitRaw } from './git.ts';
import { pathsFrom } from './listing-text.ts';
import { notCodeIn } from './not-code.ts';
import { pathMatcher } from './path-matcher.ts';
import type { CodeScope } from './scope.ts';
import { looksSecret } from './secret-names.ts';

/** What is otherwise in the work tree than when the code was recorded; relative to the project root. */
export interface LeftBehind {
  /** Untracked, and not ignored by git. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
}

/** `listing`: the run's `code.sha256`. Null if nothing was listed, or git does not answer. */
export async function leftBehind(
  root: string,
  commit: CommitRecord,
  scope: CodeScope,
  listing: string,
): Promise<LeftBehind | null> {
  const text = readTextOrNull(listing);
  const since = lstatOrNull(listing)?.mtimeMs;
  const entries = text === null ? null : parseChecksums(text, 'code.sha256').value;
  if (commit.repositories === undefined || entries === null || text === null || since === undefined) return null;
  const prefix = scope.scope === 'repository' ? (commit.prefix ?? '') : '';
  const base = resolve(realPathOr(root), prefix.replaceAll(/[^/]+\//g, '../'));
  const untracked = await untrackedIn(
    base,
    commit.repositories.map(({ path }) => (path === '.' ? '' : `${path}/`)),
  );
  if (untracked === null) return null;
  const isNotCode = pathMatcher(notCodeIn({ base, prefix, names: untracked, ignore: scope.ignore }).notCode);
  const fromRoot = pathsFrom(prefix);
  const known = new Set([...entries.map(({ path }) => path), ...linksIn(text)]);
  const added = untracked.filter((name) => !isNotCode(name) && !looksSecret(name)).map(fromRoot);
  // The file system's own clock, on both sides.
  const touched = entries.filter(({ path }) => (lstatOrNull(join(root, path))?.ctimeMs ?? 0) > since);
  const { digests } = await digestFiles(
    realPathOr(root),
    touched.map(({ path }) => path),
  );
  return {
    added: added.filter((path) => !known.has(path)).sort(),
    changed: touched.flatMap(({ path, sha256 }) => (digests.get(path)?.sha256 === sha256 ? [] : [path])),
  };
}

/** Relative to `base`; without nested repositories, which have been listed or are new. */
async function untrackedIn(base: string, places: readonly string[]): Promise<readonly string[] | null> {
  const names: string[] = [];
  for (const place of places) {
    const answer = await gitRaw(join(base, place), ['ls-files', '-z', '--others', '--exclude-standard']);
    if (answer.exitCode !== 0) return null;
    const listed = answer.stdout.toString('utf8').split('\0');
    names.push(...listed.filter((name) => name !== '' && !name.endsWith('/')).map((name) => place + name));
  }
  return names;
}

/** The symbolic links of a listing, which stand in its comments. */
function linksIn(text: string): readonly string[] {
  return [...text.matchAll(/^# symlink [0-9a-f]{64} (".*")$/gm)].map(([, name = '""']) => String(JSON.parse(name)));
}
