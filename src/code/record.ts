import { join } from 'node:path';
import { writeFileAtomic } from '../platform/files.ts';
import { sha256 } from '../platform/ids.ts';
import { andMore } from '../platform/listing.ts';
import { monotonicMs } from '../platform/time.ts';
import type { DigestOptions, FileDigest } from '../records/digest-files.ts';
import type { CommitRecord, RepositoryRecord } from '../records/manifest-schema.ts';
import { compareCode, type ComparedCode, type ComparedRepository } from './compare.ts';
import { type CodeLookup, findCode, type FoundCode } from './find.ts';
import { git } from './git.ts';
import type { GitTrouble } from './git-trouble.ts';
import { ignoreHint } from './ignore-hint.ts';
import { listingOf } from './listing-text.ts';
import { makePatch } from './patch.ts';
import type { CodeScope } from './scope.ts';

/** Records the code of a launch: commits, `code.sha256`, and a patch for each repository that has changes. */

export interface RecordedCode {
  readonly kind: 'recorded';
  readonly commit: CommitRecord;
  /** null without a repository. */
  readonly found: FoundCode | null;
  /** Relative to the listed tree: what was found in it. */
  readonly digests: ReadonlyMap<string, FileDigest>;
  /** Names of the files that were written into the run's folder. */
  readonly written: readonly string[];
}

/** `folder`: of the run. */
export async function recordCode(
  root: string,
  scope: CodeScope,
  folder: string,
  options: DigestOptions = {},
): Promise<RecordedCode | GitTrouble | Extract<CodeLookup, { kind: 'unfit' }>> {
  const began = monotonicMs();
  const [described, found] = await Promise.all([git(root, ['describe', '--always', '--tags']), findCode(root, scope)]);
  if (found.kind === 'none')
    return { kind: 'recorded', commit: withoutRepository(found.reason), found: null, digests: new Map(), written: [] };
  if (found.kind !== 'git') return found;
  const compared = await compareCode(found, options);
  if (compared.kind !== 'compared') return compared;
  const listing = listingOf(found, compared);
  writeFileAtomic(join(folder, 'code.sha256'), listing.text);
  const repositories: RepositoryRecord[] = [];
  const notes = [...listing.notes];
  for (const [at, repository] of compared.repositories.entries()) {
    const patch = await recordPatch(repository, compared.digests, folder, at === 0 ? 'code.patch' : `code.${at}.patch`);
    repositories.push(repositoryRecord(repository, compared.repositories, patch.record));
    notes.push(...patch.notes, ...notesOn(repository));
  }
  const hint = hintAt(found);
  if (hint !== null) notes.push(hint);
  if (found.ownOutput.length > 0) notes.push(`not code, because this command writes it: ${found.ownOutput.join(', ')}`);
  const [{ repository: main }] = compared.repositories as [ComparedRepository];
  const first = repositories[0]?.patch ?? null;
  const commit: CommitRecord = {
    source: 'git',
    reason: null,
    sha: main.sha,
    branch: main.branch,
    describe: described.exitCode === 0 ? described.stdout.trim() : null,
    dirty: repositories.some(({ dirty }) => dirty),
    tree_digest: sha256(listing.text),
    code_digest: listing.codeDigest,
    remote_url: main.remoteUrl,
    files: listing.files,
    bytes: listing.bytes,
    seconds: Math.round(monotonicMs() - began) / 1000,
    patch: first === null ? null : { sha256: first.sha256, bytes: first.bytes, left_out: first.left_out },
    notes,
    scope: scope.scope,
    prefix: found.prefixInRepository,
    repositories,
  };
  const patches = repositories.flatMap(({ patch }) => (patch === null ? [] : [patch.file]));
  return { kind: 'recorded', commit, found, digests: compared.digests, written: ['code.sha256', ...patches] };
}

function hintAt({ names, repositories }: FoundCode): string | null {
  const tracked = new Set(
    repositories.flatMap(({ place, tracked: entries }) => [...entries.keys()].map((name) => `${place}${name}`)),
  );
  return ignoreHint(
    names.filter((name) => !tracked.has(name)),
    tracked,
  );
}

function withoutRepository(reason: string): CommitRecord {
  return {
    source: 'none',
    reason,
    sha: null,
    branch: null,
    describe: null,
    dirty: null,
    tree_digest: null,
    remote_url: null,
    files: null,
    bytes: null,
    seconds: null,
    patch: null,
    notes: ['no git work tree: the code is not listed and its changes are not seen'],
  };
}

interface PatchOutcome {
  readonly record: RepositoryRecord['patch'];
  readonly notes: readonly string[];
}

async function recordPatch(
  compared: ComparedRepository,
  digests: ComparedCode['digests'],
  folder: string,
  file: string,
): Promise<PatchOutcome> {
  if (compared.changed.length === 0) return { record: null, notes: [] };
  const made = await makePatch(compared, (name) => digests.get(compared.repository.place + name));
  if ('error' in made) return { record: null, notes: [`${file} could not be made: ${made.error}`] };
  writeFileAtomic(join(folder, file), made.content);
  const record = {
    file,
    sha256: sha256(made.content),
    bytes: made.content.length,
    left_out: made.leftOut.map((item) => ({ ...item })),
  };
  const { place } = compared.repository;
  const names = made.leftOut.map(({ path, reason }) => `${place}${path} (${reason})`);
  const notes = names.length === 0 ? [] : [`${file} leaves out ${few(names)}`];
  return { record, notes };
}

function repositoryRecord(
  { repository, changed, otherLinks }: ComparedRepository,
  all: readonly ComparedRepository[],
  patch: RepositoryRecord['patch'],
): RepositoryRecord {
  const { place, kind, sha, branch, remoteUrl } = repository;
  const path = place === '' ? '.' : place.slice(0, -1);
  const pinned = all.flatMap(({ repository: outer, committed }) =>
    place !== outer.place && place.startsWith(outer.place)
      ? (committed.submodules.get(path.slice(outer.place.length)) ?? [])
      : [],
  );
  return {
    path,
    kind,
    sha,
    branch,
    remote_url: remoteUrl,
    dirty: changed.length + otherLinks.size + repository.unseen.length > 0,
    patch,
    ...(kind === 'submodule' ? { pinned: pinned[0] ?? null } : {}),
  };
}

function notesOn({
  repository,
  changed,
  otherLinks,
  notCheckedOut,
  filterTrouble,
}: ComparedRepository): readonly string[] {
  const { place, tracked, notThere } = repository;
  const hidden = changed.filter((name) => (tracked.get(name)?.hidden ?? null) !== null).map((name) => place + name);
  const [first] = filterTrouble;
  return [
    ...(hidden.length === 0
      ? []
      : [`changed, although git was asked not to look (assume-unchanged or skip-worktree): ${few(hidden)}`]),
    ...(notCheckedOut === 0 ? [] : [`${notCheckedOut} files of the commit are not there: the checkout is sparse`]),
    ...[...otherLinks].map(([path, words]) => `${place}${path} ${words}`),
    ...notThere.map((path) => `submodule ${place}${path} is not checked out`),
    ...(first === undefined
      ? []
      : [
          `counted as changed, because git could not apply its filter: ${place}${first[0]}${andMore(filterTrouble.size - 1)} (${first[1]})`,
        ]),
  ];
}

function few(names: readonly string[]): string {
  return `${names.slice(0, 20).join(', ')}${andMore(names.length - 20)}`;
}
