import type { Problem } from '../errors/problem.ts';
import { sortBytewise } from '../records/byte-order.ts';
import { digestFiles, type DigestOptions, type Digests, type FileDigest } from '../records/digest-files.ts';
import { cleanByFilter } from './filters.ts';
import type { FoundCode } from './find.ts';
import { gitRaw } from './git.ts';
import { type GitTrouble, gitTrouble } from './git-trouble.ts';
import { pathMatcher } from './path-matcher.ts';
import type { Repository } from './repository.ts';
import { type CommittedTree, EXECUTABLE, LINK, parseTree } from './tracked.ts';
import { whoWaits } from './waiter.ts';

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
  const left = problems.filter((problem) => !['file.missing', 'file.not_a_file'].includes(problem.code));
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
      }),
    );
  }
  const unread = new Map(left.map(({ file, message }) => [file, message]));
  return { kind: 'compared', digests, unread, repositories };
}

/** A nested repository may name its objects in another way than the one around it. */
async function digestAll({ base, names, repositories }: FoundCode, options: DigestOptions): Promise<Digests> {
  const tracked = new Map<string, 'sha1' | 'sha256'>();
  for (const { place, tracked: entries, objectFormat } of repositories)
    for (const name of entries.keys()) tracked.set(place + name, objectFormat);
  const { signal, onProgress } = whoWaits();
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
}

async function compareRepository(
  repository: Repository,
  committed: CommittedTree,
  { isListed, isCode, digestOf }: Files,
): Promise<ComparedRepository> {
  const { tracked, untracked } = repository;
  const changed: string[] = [];
  const unlike: string[] = [];
  let notCheckedOut = 0;
  for (const [name, { blob, mode }] of committed.files) {
    if (!isCode(name)) continue;
    const there = isListed(name) ? digestOf(name) : undefined;
    if (there === undefined && tracked.get(name)?.hidden === 'skip-worktree') notCheckedOut += 1;
    else if (there === undefined || !isOfMode(there, mode, repository)) changed.push(name);
    else if (there.blob !== blob) (there.kind === 'file' ? unlike : changed).push(name);
  }
  for (const name of [...tracked.keys(), ...untracked])
    if (!committed.files.has(name) && isListed(name) && digestOf(name) !== undefined) changed.push(name);
  const { clean, trouble } = await cleanByFilter(repository, committed, unlike, digestOf);
  changed.push(...unlike.filter((name) => !clean.has(name)));
  const sorted = sortBytewise([...new Set(changed)], (name) => name);
  return { repository, committed, changed: sorted, notCheckedOut, filterTrouble: trouble };
}

function isOfMode(there: FileDigest, mode: string, { fileMode }: Repository): boolean {
  if (there.kind === 'symlink' || mode === LINK) return there.kind === 'symlink' && mode === LINK;
  return !fileMode || there.executable === (mode === EXECUTABLE);
}
