import { join } from 'node:path';
import type { Problem } from '../errors/problem.ts';
import { lstatOrNull } from '../platform/files.ts';
import { sortBytewise } from '../records/byte-order.ts';
import { digestFiles, type DigestOptions, type Digests, type FileDigest } from '../records/digest-files.ts';
import { cleanByFilter } from './filters.ts';
import type { FoundCode } from './find.ts';
import { gitRaw } from './git.ts';
import { type GitTrouble, gitTrouble } from './git-trouble.ts';
import { gitWatcher } from './git-watcher.ts';
import { pathMatcher } from './path-matcher.ts';
import type { Repository } from './repository.ts';
import { type CommittedTree, EXECUTABLE, LINK, parseTree } from './tracked.ts';

/** The bytes of the code, and what of them is not in the commits. */
export interface ComparedCode {
  readonly kind: 'compared';
  /** Relative to the tree. */
  readonly digests: ReadonlyMap<string, FileDigest>;
  /** Relative to the tree: what could not be read, and why. */
  readonly unread: ReadonlyMap<string, string>;
  /** One for each repository, in their order. */
  readonly repositories: readonly ComparedRepository[];
}

export interface ComparedRepository {
  readonly repository: Repository;
  readonly committed: CommittedTree;
  /** Relative to the repository: what differs from the commit, is new, or is gone. Sorted bytewise. */
  readonly changed: readonly string[];
  /** Those of them of which only the executable bit differs. */
  readonly modeOnly: ReadonlySet<string>;
  /** Those of them that are no file and no link now. */
  readonly gone: ReadonlySet<string>;
  /** Those of them that could not be read, and why. */
  readonly unread: ReadonlyMap<string, string>;
  /** Repositories within that are not what the commit names; relative to the repository, with the reason. Not in `changed`. */
  readonly otherLinks: ReadonlyMap<string, string>;
  /** Files of the commit that a sparse checkout leaves out. */
  readonly notCheckedOut: number;
  /** Files whose filters git could not apply, and its words: they count as changed. */
  readonly filterTrouble: ReadonlyMap<string, string>;
}

/**
 * Reads every file. A file is clean if its bytes are those of the commit, or what git's filters or git LFS make of them,
 * whatever git was told to assume.
 */
export async function compareCode(code: FoundCode, options: DigestOptions = {}): Promise<ComparedCode | GitTrouble> {
  const { digests, problems } = await digestAll(code, options);
  // What was deleted, or is a pipe or a folder now, is no file: that is a change like others.
  const left = problems.filter(
    ({ code: what, file }) => what !== 'file.not_a_file' && lstatOrNull(join(code.base, file)) !== null,
  );
  const unread = new Map(left.map(({ file, message }) => [file, message]));
  const isNotCode = pathMatcher(code.notCode);
  const named = new Set(code.names);
  const repositories: ComparedRepository[] = [];
  for (const repository of code.repositories) {
    const committed = await readCommitted(repository);
    if ('words' in committed) return committed;
    const { place } = repository;
    repositories.push(
      await compareRepository(repository, committed, {
        isListed: (name) => named.has(place + name),
        isCode: (name) => !isNotCode(place + name),
        digestOf: (name) => digests.get(place + name),
        whyUnread: (name) => unread.get(place + name),
        innerAt: (path) => code.repositories.find((other) => other.place === `${place}${path}/`),
      }),
    );
  }
  return { kind: 'compared', digests, unread, repositories };
}

/** A nested repository may name its objects in another way than the one around it. */
async function digestAll({ base, names, repositories }: FoundCode, options: DigestOptions): Promise<Digests> {
  const tracked = new Map<string, 'sha1' | 'sha256'>();
  for (const { place, tracked: entries, objectFormat } of repositories)
    for (const name of entries.keys()) tracked.set(place + name, objectFormat);
  const { signal, onProgress } = gitWatcher();
  const waiter = { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) };
  const digests = new Map<string, FileDigest>();
  const problems: Problem[] = [];
  for (const algorithm of new Set(repositories.map(({ objectFormat }) => objectFormat))) {
    const first = algorithm === repositories[0].objectFormat;
    const mine = names.filter((name) => (tracked.get(name) ?? (first ? algorithm : null)) === algorithm);
    const blobs = { algorithm, of: new Set(tracked.keys()) };
    const found = await digestFiles(base, mine, { ...waiter, ...options, blobs });
    for (const [name, digest] of found.digests) digests.set(name, digest);
    problems.push(...found.problems);
  }
  return { digests, problems };
}

async function readCommitted({ folder, sha }: Repository): Promise<CommittedTree | GitTrouble> {
  if (sha === null) return { files: new Map(), submodules: new Map() };
  const answer = await gitRaw(folder, ['ls-tree', '-r', '-z', sha]);
  return answer.exitCode === 0 ? parseTree(answer.stdout) : gitTrouble(folder, answer);
}

interface Files {
  readonly isListed: (name: string) => boolean;
  readonly isCode: (name: string) => boolean;
  readonly digestOf: (name: string) => FileDigest | undefined;
  readonly whyUnread: (name: string) => string | undefined;
  readonly innerAt: (path: string) => Repository | undefined;
}

async function compareRepository(
  repository: Repository,
  committed: CommittedTree,
  files: Files,
): Promise<ComparedRepository> {
  const { isListed, digestOf, whyUnread } = files;
  const { tracked, untracked } = repository;
  const { changed, unlike, otherMode, notCheckedOut } = sortCommitted(repository, committed, files);
  const isThere = (name: string): boolean => isListed(name) && (digestOf(name) ?? whyUnread(name)) !== undefined;
  changed.push(...[...tracked.keys(), ...untracked].filter((name) => !committed.files.has(name) && isThere(name)));
  const { clean, trouble } = await cleanByFilter(repository, committed, unlike, digestOf);
  const edited = unlike.filter((name) => !clean.has(name));
  changed.push(...edited, ...otherMode);
  for (const name of edited) otherMode.delete(name);
  const sorted = sortBytewise([...new Set(changed)], (name) => name);
  return {
    repository,
    committed,
    changed: sorted,
    modeOnly: otherMode,
    otherLinks: otherLinksIn(repository, committed, files),
    ...lackingAmong(sorted, files),
    notCheckedOut,
    filterTrouble: trouble,
  };
}

interface Sorted {
  readonly changed: string[];
  /** Other bytes than those of the commit, which may be what git makes of them. */
  readonly unlike: string[];
  readonly otherMode: Set<string>;
  readonly notCheckedOut: number;
}

function sortCommitted(
  { tracked, fileMode }: Repository,
  committed: CommittedTree,
  { isListed, isCode, digestOf }: Files,
): Sorted {
  const changed: string[] = [];
  const unlike: string[] = [];
  const otherMode = new Set<string>();
  let notCheckedOut = 0;
  for (const [name, { blob, mode }] of committed.files) {
    if (!isCode(name)) continue;
    const there = isListed(name) ? digestOf(name) : undefined;
    if (there === undefined && tracked.get(name)?.hidden === 'skip-worktree') notCheckedOut += 1;
    else if (there === undefined || (there.kind === 'symlink') !== (mode === LINK)) changed.push(name);
    else if (there.kind === 'symlink') changed.push(...(there.blob === blob ? [] : [name]));
    else {
      if (there.blob !== blob) unlike.push(name);
      if (fileMode && there.executable !== (mode === EXECUTABLE)) otherMode.add(name);
    }
  }
  return { changed, unlike, otherMode, notCheckedOut };
}

/** A commit names the commits of its submodules, and nothing of other repositories within. */
function otherLinksIn(
  { links, nested, notThere }: Repository,
  { submodules }: CommittedTree,
  { innerAt, isCode }: Files,
): ReadonlyMap<string, string> {
  const other = new Map<string, string>();
  for (const [path, sha] of submodules) {
    const there = innerAt(path)?.sha ?? null;
    if (!isCode(path) || notThere.includes(path)) continue;
    if (!links.includes(path)) other.set(path, 'is no submodule any more');
    else if (there !== sha)
      other.set(path, `is at ${there?.slice(0, 12) ?? 'no commit'}, and the commit names ${sha.slice(0, 12)}`);
  }
  for (const path of links) if (!submodules.has(path)) other.set(path, 'is a submodule that is in no commit');
  for (const path of nested)
    if (isCode(`${path}/`) && !other.has(path))
      other.set(path, 'is a repository that the one around it does not track');
  return other;
}

function lackingAmong(
  changed: readonly string[],
  { isListed, digestOf, whyUnread }: Files,
): Pick<ComparedRepository, 'gone' | 'unread'> {
  const gone = new Set<string>();
  const unread = new Map<string, string>();
  for (const name of changed) {
    const why = isListed(name) ? whyUnread(name) : undefined;
    if (why !== undefined) unread.set(name, why);
    else if (!isListed(name) || digestOf(name) === undefined) gone.add(name);
  }
  return { gone, unread };
}
