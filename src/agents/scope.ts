import { posix } from 'node:path';
import type { Entrypoint } from '../project/design-entrypoint.ts';
import { compileGlob } from '../records/glob.ts';

/** Which paths of the tree an agent may change. Pure. */

/** `free`: the agent's. Others are put back: autolab's own files, a closed experiment, all the rest. */
export type Ownership = 'free' | 'autolab' | 'closed' | 'outside';

export interface ScopeOf {
  /** Of the project within the tree: '' or with a last slash. */
  readonly prefix: string;
  /** Globs, relative to the project. */
  readonly editable: readonly string[];
  /** Folders of experiments behind a link, relative to the project. */
  readonly linked: readonly string[];
  /** Folders of closed experiments, relative to the project. */
  readonly closed: readonly string[];
  /** What this agent decides with, relative to the project. */
  readonly decides: string | null;
}

export type Scope = (path: string) => Ownership;

export const DEFAULT_EDIT_SCOPE = ['experiments/{{iteration_id}}/**', 'src/**', 'scripts/**', 'docs/**'];

/** Below the folder of an experiment. */
export const OWN_FOLDERS = ['runs', 'launch', 'analysis'];
export const OWN_FILES = ['review_result.json', 'review_result.json.sig', 'decision_result.json'];

const OF_EXPERIMENT = new RegExp(`^(?:(?:${OWN_FOLDERS.join('|')})(?:/|$)|(?:${OWN_FILES.join('|')})$)`);
const OWN = /^(?:\.autolab(?:\/|$)|docs\/slurm_job_list\.md$)/;

export function scopeFor({ prefix, editable, linked, closed, decides }: ScopeOf): Scope {
  const isEditable = editable.map(reach);
  return (path) => {
    if (!path.startsWith(prefix)) return 'outside';
    const name = path.slice(prefix.length);
    if (name === decides) return 'free';
    if (OWN.test(name) || experimentParts(name, linked).some((part) => OF_EXPERIMENT.test(part))) return 'autolab';
    if (closed.some((folder) => name === folder || name.startsWith(`${folder}/`))) return 'closed';
    return isEditable.some((matches) => matches(name)) ? 'free' : 'outside';
  };
}

function experimentParts(name: string, linked: readonly string[]): readonly string[] {
  const direct = /^experiments\/[^/]+\/(.+)$/.exec(name)?.[1];
  const behind = linked.flatMap((folder) => (name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1)] : []));
  return direct === undefined ? behind : [direct, ...behind];
}

/** `folder/**` is everything below, hidden files included. */
function reach(pattern: string): (path: string) => boolean {
  if (pattern === '**') return () => true;
  const glob = compileGlob(pattern);
  if (!pattern.endsWith('/**')) return glob.matches;
  const folder = compileGlob(pattern.slice(0, -3));
  return (path) => foldersAbove(path).some(folder.matches);
}

/** The nearest last. */
export function foldersAbove(path: string): readonly string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** The placeholder as it is meant: an id is no pattern. */
export function withIteration(pattern: string, iterationId: string): string {
  return pattern.replaceAll('{{iteration_id}}', () => iterationId.replaceAll(/[*?[\]{}\\]/g, (sign) => `\\${sign}`));
}

/** The files of the project that an entrypoint names, as patterns; they need not be there yet. */
export function filesOfEntrypoint(entrypoint: Entrypoint): readonly string[] {
  const words =
    entrypoint.kind === 'module'
      ? modulePaths(entrypoint.module)
      : entrypoint.argv.flatMap((word, at) => (entrypoint.argv[at - 1] === '-m' ? modulePaths(word) : [word]));
  return words
    .filter((word) => /^[^-/]/.test(word) && /[./]/.test(word) && !word.includes('{{'))
    .map((word) => posix.normalize(word))
    .filter((word) => !word.startsWith('../') && word !== '.' && !word.endsWith('/'))
    .map((word) => word.replaceAll(/[*?[\]{}\\]/g, (sign) => `\\${sign}`));
}

function modulePaths(module: string): readonly string[] {
  const path = module.replaceAll('.', '/');
  return [`${path}.py`, `${path}/__main__.py`];
}
