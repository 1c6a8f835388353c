import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { lstatOrNull, readLinkOrNull, realPathOr } from '../platform/files.ts';
import type { ProcessResult } from '../platform/process.ts';
import { git } from './git.ts';
import { type GitTrouble, gitTrouble } from './git-trouble.ts';
import { notCodeIn } from './not-code.ts';
import { pathMatcher } from './path-matcher.ts';
import { MAIN, readAtTop, readRepository, type Repository } from './repository.ts';
import { type CodeScope, MOST_FILES } from './scope.ts';

/** The code of a project: which files there are, in which repositories. Names only; `compare.ts` reads the files. */
export interface FoundCode {
  readonly kind: 'git';
  /** The listed tree: the top of the repository, or the project root if that is the scope. A real path. */
  readonly base: string;
  /** Of the project within the tree: '' or `sub/folder/`. */
  readonly prefix: string;
  /** Of the project within its repository. */
  readonly prefixInRepository: string;
  /** The one that the project lies in comes first. */
  readonly repositories: readonly [Repository, ...Repository[]];
  /** Relative to the tree: tracked, or neither tracked nor ignored; without what is never code. No order. */
  readonly names: readonly string[];
  /** Whole names that are not code, for bash and JavaScript; empty if all is code. */
  readonly notCode: string;
  /** Whole names of designs. */
  readonly designs: string;
  /** Output of this command itself, which is not code. */
  readonly ownOutput: readonly string[];
}

export type CodeLookup =
  | FoundCode
  /** No repository, or no git at all. */
  | { readonly kind: 'none'; readonly reason: string }
  | GitTrouble
  /** The repository cannot be meant as the code of one project. */
  | { readonly kind: 'unfit'; readonly message: string; readonly hint: string };

const PROJECT_ONLY = 'If only the project folder is code, write to .autolab/launch.yaml: code: {scope: project}';
const IGNORE =
  'Let git ignore what is not code (.gitignore), or list it under code: {ignore: […]} in .autolab/launch.yaml.';

export const GIT_MISSING = 'git is not installed';

type Read = Awaited<ReturnType<typeof readRepository>>;

/** What git was asked about a project before its settings are known. */
export interface BegunLook {
  readonly real: string;
  /** Null where the project's folder seems to be the top of a repository: then that is what is asked. */
  readonly where: Promise<ProcessResult> | null;
  readonly atTop: ReturnType<typeof readAtTop> | null;
}

/** Asks at once, since every answer takes its time. */
export function beginLook(root: string): BegunLook {
  const real = realPathOr(root);
  if (lstatOrNull(join(real, '.git')) === null) return { real, where: askWhere(real), atTop: null };
  const atTop = readAtTop(real);
  // Whoever needs the answer gets the error, too.
  atTop.catch(() => undefined);
  return { real, where: null, atTop };
}

function askWhere(folder: string): Promise<ProcessResult> {
  return git(folder, ['rev-parse', '--show-toplevel', '--show-prefix']);
}

/** Asks git what the code of a project is. Reads names, not files. */
export async function findCode(root: string, scope: CodeScope, begun = beginLook(root)): Promise<CodeLookup> {
  const { real } = begun;
  const main = await begun.atTop;
  const place = main?.kind === 'found' ? { top: real, prefix: '' } : await placeOf(begun);
  if ('kind' in place) return place;
  const { top, prefix: prefixInRepository } = place;
  const whole = scope.scope === 'repository';
  const atTop = top === real;
  if (whole && !atTop && top === realPathOr(homedir()))
    return {
      kind: 'unfit',
      message: `The git repository of the project is a home folder: ${top}.`,
      hint: PROJECT_ONLY,
    };
  const base = whole ? top : real;
  const repositories = await readRepositories(base, base === real ? main : null);
  if (!('kind' in repositories))
    return withoutOwn({ base, prefix: whole ? prefixInRepository : '', prefixInRepository, repositories }, scope);
  if (repositories.kind === 'failed') return repositories;
  const message = `${repositories.folder} has more than ${MOST_FILES} files that git does not ignore.`;
  return { kind: 'unfit', message, hint: whole && !atTop ? PROJECT_ONLY : IGNORE };
}

async function placeOf({
  real,
  where,
}: BegunLook): Promise<{ readonly top: string; readonly prefix: string } | CodeLookup> {
  const asked = await (where ?? askWhere(real));
  if (asked.exitCode !== 0) return withoutTop(real, asked);
  const end = asked.stdout.lastIndexOf('\n', asked.stdout.length - 2);
  const top = asked.stdout.slice(0, end);
  if (real !== top && !real.startsWith(`${top}/`)) return elsewhere(real, top);
  return { top, prefix: asked.stdout.slice(end + 1, -1) };
}

function withoutTop(folder: string, where: ProcessResult): CodeLookup {
  if (where.spawnError !== null) return { kind: 'none', reason: GIT_MISSING };
  const above = dotGitAbove(folder);
  return above === null ? { kind: 'none', reason: firstLine(where.stderr) } : gitTrouble(above, where);
}

function elsewhere(folder: string, top: string): GitTrouble {
  const words = `its work tree is ${top}, which does not hold the project`;
  return { kind: 'failed', folder, words, hint: 'Remove core.worktree: git config --unset core.worktree' };
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? '';
}

/** The folder at or above `folder` that has a `.git`: what makes a failure of git a failure. */
function dotGitAbove(folder: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    if (lstatOrNull(join(at, '.git')) !== null) return at;
    if (at === dirname(at)) return null;
  }
}

/** `main`: what was asked of the first one already. */
async function readRepositories(base: string, main: Read | null) {
  const found: Repository[] = [];
  const left: Pick<Repository, 'place' | 'kind'>[] = [MAIN];
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const { place } = next;
    const folder = join(base, place.replace(/\/$/, ''));
    const read = (place === '' ? main : null) ?? (await readRepository(folder, next));
    if (read.kind !== 'found') return read;
    found.push(read.repository);
    left.push(...read.inner.map(({ path, kind }) => ({ place: `${place}${path}/`, kind })));
  }
  return found;
}

type Listing = Pick<FoundCode, 'base' | 'prefix' | 'prefixInRepository'> & { readonly repositories: Repository[] };

function withoutOwn({ base, prefix, prefixInRepository, repositories }: Listing, scope: CodeScope): FoundCode {
  const [main, ...inner] = repositories;
  if (main === undefined) throw new Error('there is no repository');
  const all = [...new Set(repositories.flatMap(namesOf))];
  const ownOutput = outputFiles(base);
  const { notCode, designs } = notCodeIn({ base, prefix, names: all, ignore: scope.ignore, files: ownOutput });
  const isNotCode = pathMatcher(notCode);
  const isBeyondLink = beyondLink(base);
  const names = all.filter((name) => !isNotCode(name) && !isBeyondLink(name));
  return {
    kind: 'git',
    base,
    prefix,
    prefixInRepository,
    repositories: [main, ...inner],
    names,
    notCode,
    designs,
    ownOutput: ownOutput.filter((name) => all.includes(name)),
  };
}

function namesOf({ place, tracked, untracked }: Repository): string[] {
  return [...tracked.keys(), ...untracked].map((name) => `${place}${name}`);
}

/** Whether a folder of a path is a symbolic link now: then git's file of that name is gone, and what is there is another one. */
function beyondLink(base: string): (name: string) => boolean {
  const known = new Map<string, boolean>([['.', false]]);
  const isLinked = (folder: string): boolean => {
    const before = known.get(folder);
    if (before !== undefined) return before;
    const linked = isLinked(dirname(folder)) || lstatOrNull(join(base, folder))?.isSymbolicLink() === true;
    known.set(folder, linked);
    return linked;
  };
  return (name) => isLinked(dirname(name));
}

/** The files behind our own standard output and error output, which grow while we work. */
function outputFiles(base: string): readonly string[] {
  const paths = [1, 2].map((descriptor) => readLinkOrNull(`/proc/self/fd/${descriptor}`));
  const within = paths.flatMap((path) => (path?.startsWith(`${base}/`) === true ? [path.slice(base.length + 1)] : []));
  return [...new Set(within)];
}
