import { dirname, join, relative, resolve } from 'node:path';
import { findCode } from '../code/find.ts';
import { type CodeScope, MOST_FILES } from '../code/scope.ts';
import { fail, ok, type Result } from '../errors/failure.ts';
import { listNames, lstatOrNull, realPathOr } from '../platform/files.ts';
import { type FolderEntry, listEntries } from '../platform/folders.ts';
import { foldersAbove, OWN_FILES, OWN_FOLDERS, type Scope } from './scope.ts';

/** The tree that an agent works in, and which of its paths are compared before and after. Names only. */

export interface Tree {
  /** The top of the repository, or the project's folder. A real path. */
  readonly base: string;
  /** Of the project within it: '' or with a last slash. */
  readonly prefix: string;
  /** Without git every file is compared, but what tools leave. */
  readonly git: boolean;
  readonly code: CodeScope;
}

export interface Listing {
  /** Relative to the tree, folders included, each after those above it. */
  readonly watched: readonly string[];
  /** Files and links that are the agent's. */
  readonly free: readonly string[];
  /** Why not all could be listed; null if all is there. */
  readonly trouble: string | null;
}

/** Below `.autolab/`: our own while we work, made anew whenever they are needed, or written in the background. */
const NOT_COMPARED = /^\.autolab\/(?:driver\.lock\.[^/]*|cache|tmp|notifications|prompts\/rendered)$/;
const TOOLS = [
  ...['__pycache__', '.pytest_cache', '.mypy_cache', '.ruff_cache', '.ipynb_checkpoints'],
  ...['node_modules', '.venv', 'venv'],
];
/** What git obeys, and what runs when somebody else calls it. */
const GIT_PARTS = ['config', 'config.worktree', 'hooks', 'info'];

export async function findTree(root: string, code: CodeScope): Promise<Result<Tree>> {
  const found = await findCode(root, { ...code, ignore: [] });
  if (found.kind === 'git') return ok({ base: found.base, prefix: found.prefix, git: true, code });
  if (found.kind === 'failed')
    return fail('git.failed', { message: `${found.folder}: ${found.words}.`, hint: found.hint });
  if (found.kind === 'unfit') return fail('code.scope', { message: found.message, hint: found.hint });
  return ok({ base: realPathOr(root), prefix: '', git: false, code });
}

/** `ownFolder`: of the agent's record, which grows meanwhile; relative to the tree. */
export async function listWatched(
  tree: Tree,
  scope: Scope,
  closed: readonly string[],
  ownFolder: string,
): Promise<Listing> {
  const { base, prefix } = tree;
  const skip = (path: string): boolean =>
    path === ownFolder ||
    (path.startsWith(prefix) && NOT_COMPARED.test(path.slice(prefix.length)) && !isLink(join(base, path)));
  const { names: all, trouble } = await namesOf(tree);
  const home = `${prefix}.autolab`;
  const names = all.filter((name) => name !== home && !name.startsWith(`${home}/`));
  const free = names.filter((name) => scope(name) === 'free');
  const others = names.filter((name) => scope(name) !== 'free');
  const own = [
    ...below(base, home, skip),
    ...closed.flatMap((folder) => below(base, `${prefix}${folder}`, skip)),
    ...ownFilesOf(base, prefix, skip).filter((path) => scope(path) !== 'free'),
    ...onlyThere(base, [`${prefix}docs/slurm_job_list.md`]),
  ];
  const watched = new Set([...others, ...own, ...gitParts(tree, skip)]);
  for (const path of [...watched]) for (const folder of foldersAbove(path)) watched.add(folder);
  return { watched: [...watched].sort(), free, trouble };
}

async function namesOf(tree: Tree): Promise<{ readonly names: readonly string[]; readonly trouble: string | null }> {
  const { base, prefix, code } = tree;
  if (!tree.git) {
    const all = below(base, '', isToolsOwn);
    const names = all.filter((path) => path.endsWith('.git') || lstatOrNull(join(base, path))?.isDirectory() !== true);
    const trouble = all.length > MOST_FILES ? `${base} has more than ${MOST_FILES} files` : null;
    return { names, trouble };
  }
  const found = await findCode(join(base, prefix), { ...code, ignore: [] });
  if (found.kind === 'git' && found.base === base) {
    const nested = found.repositories.slice(1).map(({ place }) => `${place}.git`);
    return { names: [...found.names, ...nested], trouble: null };
  }
  // A repository within the project hides the one around it.
  const [inner] = onlyThere(base, prefix === '' ? [] : [`${prefix}.git`]);
  if (inner !== undefined) return { names: [inner], trouble: null };
  const words = found.kind === 'failed' ? found.words : found.kind === 'unfit' ? found.message : 'it is gone';
  return { names: [], trouble: `git cannot list ${base}: ${words}` };
}

function isToolsOwn(path: string): boolean {
  return TOOLS.includes(path.slice(path.lastIndexOf('/') + 1));
}

/** What autolab writes for each experiment, wherever its folder is. */
function ownFilesOf(base: string, prefix: string, skip: (path: string) => boolean): readonly string[] {
  const folders = experimentFolders(base, prefix);
  return folders.flatMap((folder) => [
    ...OWN_FOLDERS.flatMap((name) => below(base, `${folder}/${name}`, skip)),
    ...onlyThere(
      base,
      OWN_FILES.map((name) => `${folder}/${name}`),
    ),
  ]);
}

/** Of all experiments, relative to the tree; those behind a link by their real path. */
function experimentFolders(base: string, prefix: string): readonly string[] {
  const experiments = join(base, `${prefix}experiments`);
  if (lstatOrNull(experiments)?.isDirectory() !== true) return [];
  return listNames(experiments).flatMap((name) => {
    const path = relative(base, realPathOr(join(experiments, name)));
    return path.startsWith('..') ? [] : [path];
  });
}

/** Those behind a link within the project, relative to the project. */
export function linkedExperiments(base: string, prefix: string): readonly string[] {
  const direct = new RegExp(`^${prefix.replaceAll(/[^\w/]/g, String.raw`\$&`)}experiments/[^/]+$`);
  return experimentFolders(base, prefix)
    .filter((path) => path.startsWith(prefix) && !direct.test(path))
    .map((path) => path.slice(prefix.length));
}

function gitParts({ base, git }: Tree, skip: (path: string) => boolean): readonly string[] {
  if (!git) return [];
  if (lstatOrNull(join(base, '.git'))?.isDirectory() !== true) return onlyThere(base, ['.git']);
  return GIT_PARTS.flatMap((name) => below(base, `.git/${name}`, skip));
}

function onlyThere(base: string, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => lstatOrNull(join(base, path)) !== null);
}

/** A path, if something is there, and all below it. No link is followed; of another repository only its `.git` is named. */
function below(base: string, top: string, skip: (path: string) => boolean): readonly string[] {
  const found: string[] = [];
  const left = top === '' || onlyThere(base, [top]).length > 0 ? [top] : [];
  for (let path = left.pop(); path !== undefined && found.length <= MOST_FILES; path = left.pop()) {
    if (path !== '') found.push(path);
    if (path.endsWith('/.git') || path === '.git') continue;
    if (lstatOrNull(join(base, path))?.isDirectory() !== true) continue;
    for (const { name } of entriesOf(join(base, path))) {
      const inner = `${path === '' ? '' : `${path}/`}${name.toString('utf8')}`;
      if (!inner.includes('\uFFFD') && !skip(inner)) left.push(inner);
    }
  }
  return found;
}

/** Somebody else's files would be behind it. */
function isLink(path: string): boolean {
  return lstatOrNull(path)?.isSymbolicLink() === true;
}

/** Nothing of a folder that may not be listed. */
function entriesOf(path: string): readonly FolderEntry[] {
  try {
    return listEntries(path);
  } catch {
    return [];
  }
}

/** Whether a link leads out of the tree; one that leads nowhere, by what it says. */
export function leadsOutOf(base: string, path: string, target: string): boolean {
  const full = join(base, path);
  const real = realPathOr(full);
  const end = real === full ? resolve(realPathOr(dirname(full)), target) : real;
  return end !== base && !end.startsWith(`${base}/`);
}
