import { join, resolve } from 'node:path';
import { exists, lstatOrNull } from '../platform/files.ts';
import { listEntries } from '../platform/folders.ts';
import type { RawProcessResult } from '../platform/process.ts';
import { git, gitRaw, withoutCredentials } from './git.ts';
import { type GitTrouble, gitTrouble } from './git-trouble.ts';
import { MOST_FILES } from './scope.ts';
import { GITLINK, type IndexEntry, parseConfig, parseHead, parseListed } from './tracked.ts';

/** One repository as it lies here: its commit, and the names of its files. */
export interface Repository {
  /** Within the listed tree: '' or with a last slash. */
  readonly place: string;
  /** Absolute; where `place` is. */
  readonly folder: string;
  /** Of `folder` within the repository: '' unless only a part is listed. */
  readonly within: string;
  readonly kind: 'main' | 'submodule' | 'nested';
  readonly sha: string | null;
  readonly branch: string | null;
  /** Absolute. */
  readonly objects: string;
  readonly objectFormat: 'sha1' | 'sha256';
  readonly remoteUrl: string | null;
  /** Whether the executable bit means something here (`core.fileMode`). */
  readonly fileMode: boolean;
  /** Relative to `folder`; without submodules. */
  readonly tracked: ReadonlyMap<string, IndexEntry>;
  /** Relative to `folder`; without nested repositories. */
  readonly untracked: readonly string[];
  /** Names that are not UTF-8, which are in no listing. */
  readonly odd: readonly string[];
  /** What git could not look into, in its words. */
  readonly unseen: readonly string[];
  /** Submodules of the index, and repositories that it does not know; relative to `folder`. */
  readonly links: readonly string[];
  readonly nested: readonly string[];
  /** Folders of submodules that are not checked out. */
  readonly notThere: readonly string[];
}

/** The repository is there, and nested ones are left to the caller: their folders, relative to `folder`. */
export interface FoundRepository {
  readonly kind: 'found';
  readonly repository: Repository;
  readonly inner: readonly { readonly path: string; readonly kind: 'submodule' | 'nested' }[];
}

export interface TooMany {
  readonly kind: 'too_many';
  readonly folder: string;
}

const PLACES = ['rev-parse', '--git-common-dir', '--show-object-format', '--show-prefix'];
const LIST = ['ls-files', '-z', '-t', '-v', '--stage', '--cached', '--others', '--exclude-standard'];
const STATUS = ['status', '--porcelain=v2', '--branch', '-z', '--untracked-files=no', '--ignore-submodules=all'];
const CONFIG = ['config', '-z', '--get-regexp', '^(core\\.filemode|remote\\..*\\.url)$'];

type Which = Pick<Repository, 'place' | 'kind'>;

/** `folder`: the part of the repository that is listed; all of it, unless the scope is the project. */
export async function readRepository(folder: string, which: Which): Promise<FoundRepository | GitTrouble | TooMany> {
  const answers = await ask(folder, PLACES);
  return 'kind' in answers ? answers : found(folder, which, answers);
}

/** The main repository, with one question less; null if `folder`, a real path, is not the top of its work tree. */
export async function readAtTop(folder: string): Promise<FoundRepository | GitTrouble | TooMany | null> {
  const answers = await ask(folder, [...PLACES, '--show-toplevel']);
  if ('kind' in answers) return answers;
  return answers.within === `\n${folder}` ? found(folder, MAIN, { ...answers, within: '' }) : null;
}

export const MAIN = { place: '', kind: 'main' } as const;

interface Answers {
  readonly commonDir: string;
  readonly objectFormat: string;
  /** All that comes last in the answer about places, which may have line breaks. */
  readonly within: string;
  readonly status: string;
  readonly config: string;
  readonly listed: RawProcessResult;
}

async function ask(folder: string, places: readonly string[]): Promise<Answers | GitTrouble | TooMany> {
  const crowd = new AbortController();
  let names = 0;
  const count = (chunk: Buffer): void => {
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, at + 1)) names += 1;
    if (names > MOST_FILES) crowd.abort();
  };
  const [place, status, config, listed] = await Promise.all([
    git(folder, places),
    git(folder, STATUS),
    git(folder, CONFIG),
    gitRaw(folder, LIST, { onStdout: count, signal: crowd.signal }),
  ]);
  if (names > MOST_FILES) return { kind: 'too_many', folder };
  for (const answer of [place, status, listed]) if (answer.exitCode !== 0) return gitTrouble(folder, answer);
  const [commonDir = '', objectFormat = '', ...rest] = place.stdout.split('\n');
  const within = rest.slice(0, -1).join('\n');
  return { commonDir, objectFormat, within, status: status.stdout, config: config.stdout, listed };
}

function found(folder: string, { place, kind }: Which, answers: Answers): FoundRepository {
  const { commonDir, objectFormat, within, status, config, listed } = answers;
  const { tracked, untracked, odd } = parseListed(listed.stdout);
  const values = parseConfig(config);
  const { inner, notThere, replaced } = nestedIn(folder, tracked, untracked);
  return {
    kind: 'found',
    inner,
    repository: {
      ...{ place, folder, within, kind },
      ...parseHead(status),
      objects: join(resolve(folder, commonDir), 'objects'),
      objectFormat: objectFormat === 'sha256' ? 'sha256' : 'sha1',
      remoteUrl: remoteOf(values),
      fileMode: values.get('core.filemode') !== 'false',
      tracked: new Map([...tracked].filter(([, entry]) => entry.mode !== GITLINK)),
      untracked: [...untracked.filter((name) => !name.endsWith('/')), ...replaced],
      links: [...tracked].flatMap(([path, { mode }]) => (mode === GITLINK ? [path] : [])),
      nested: inner.flatMap(({ path, kind: how }) => (how === 'nested' ? [path] : [])),
      odd,
      unseen: unseenIn(listed.stderr),
      notThere,
    },
  };
}

/** git skips a folder that it cannot open, and exits with 0. */
function unseenIn(stderr: string): readonly string[] {
  return stderr
    .split('\n')
    .flatMap((line) => (line.startsWith('warning: could not open') ? [line.slice(9).trim()] : []));
}

function remoteOf(values: ReadonlyMap<string, string>): string | null {
  const urls = [...values].filter(([name]) => name.startsWith('remote.'));
  const url = values.get('remote.origin.url') ?? urls[0]?.[1];
  return url === undefined ? null : withoutCredentials(url);
}

function nestedIn(
  folder: string,
  tracked: ReadonlyMap<string, IndexEntry>,
  untracked: readonly string[],
): { readonly inner: FoundRepository['inner']; readonly notThere: string[]; readonly replaced: string[] } {
  const inner: { path: string; kind: 'submodule' | 'nested' }[] = [];
  const notThere: string[] = [];
  // Files in the place of submodules: git does not list them as others.
  const replaced: string[] = [];
  for (const [path, { mode }] of tracked) {
    if (mode !== GITLINK) continue;
    const stats = lstatOrNull(join(folder, path));
    if (stats?.isFile() === true || stats?.isSymbolicLink() === true) replaced.push(path);
    else if (exists(join(folder, path, '.git'))) inner.push({ path, kind: 'submodule' });
    else {
      const below = filesBelow(folder, path);
      replaced.push(...below.files);
      inner.push(...below.repositories.map((at) => ({ path: at, kind: 'nested' as const })));
      if (below.files.length === 0) notThere.push(path);
    }
  }
  for (const name of untracked) {
    const path = name.slice(0, -1);
    if (name.endsWith('/') && lstatOrNull(join(folder, path, '.git')) !== null) inner.push({ path, kind: 'nested' });
  }
  return { inner, notThere, replaced };
}

/** What lies in the folder of a submodule that is no repository: git does not look there. */
function filesBelow(folder: string, path: string): { readonly files: string[]; readonly repositories: string[] } {
  const found = { files: [] as string[], repositories: [] as string[] };
  const left = lstatOrNull(join(folder, path))?.isDirectory() === true ? [path] : [];
  for (let at = left.pop(); at !== undefined; at = left.pop())
    for (const { name, kind } of listEntries(join(folder, at))) {
      const inside = `${at}/${name.toString('utf8')}`;
      if (kind === 'file' || kind === 'symlink') found.files.push(inside);
      else if (kind === 'folder' && exists(join(folder, inside, '.git'))) found.repositories.push(inside);
      else if (kind === 'folder') left.push(inside);
    }
  return found;
}
