import { join, relative } from 'node:path';
import { exists, lstatOrNull, realPathOr } from '../platform/files.ts';
import { listEntries } from '../platform/folders.ts';
import { TEMPORARY_NAME } from '../platform/temporary-name.ts';
import { literalSource } from './ignore-pattern.ts';
import { pathMatcher } from './path-matcher.ts';

/**
 * What autolab itself writes into a project: never code, for it changes with every launch, with each task that is ticked
 * off, and with a process that is killed while it writes. The one list, for the launcher and for the listing on the node.
 */

/** Below an experiment's folder. */
const OF_EXPERIMENT =
  '((runs|launch|analysis)(/.*)?|review_result\\.json(\\.sig)?|decision_result\\.json|(docs_update|summary)\\.md|report[^/]*\\.html)';
/** Below `docs/`. The lock of the ledger is there for a moment, or until the next launch if its holder was killed. */
const OF_DOCS = '((slurm_job_list|results|todo)\\.md|\\.slurm_job_list\\.md\\.lock\\.[0-9]+)';

/** Where the parts of one project lie within the listed tree: '' or with a last slash. Links are followed: git lists what is there. */
export interface ProjectPlaces {
  readonly autolab: readonly string[];
  readonly docs: readonly string[];
  /** The folders of all experiments lie directly below. */
  readonly experiments: readonly string[];
  /** Experiments, runs and launch scripts that lie elsewhere, behind a link. */
  readonly experiment: readonly string[];
  readonly whole: readonly string[];
}

/** Regular expressions for whole paths of the tree, as in `ignore-pattern.ts`. Pure. */
export function ownFileSources(places: ProjectPlaces): readonly string[] {
  const { autolab, docs, experiments, experiment, whole } = places;
  return [
    ...[...autolab, ...whole].map((at) => `${literalSource(at.replace(/\/$/, ''))}(/.*)?`),
    ...docs.map((at) => `${literalSource(at)}${OF_DOCS}`),
    ...experiments.map((at) => `${literalSource(at)}([^/]+/${OF_EXPERIMENT}|report[^/]*\\.html)`),
    ...experiment.map((at) => `${literalSource(at)}${OF_EXPERIMENT}`),
    `(.*/)?${TEMPORARY_NAME}`,
  ];
}

/** What a design asks for is recorded beside the code, and a fingerprint has that in place of the file. Pure. */
export function designSources({ experiments, experiment }: ProjectPlaces): readonly string[] {
  return [
    ...experiments.map((at) => `${literalSource(at)}[^/]+/design\\.yaml`),
    ...experiment.map((at) => `${literalSource(at)}design\\.yaml`),
  ];
}

/** For a project without git. `root`: a real path; names are relative to it. */
export function isOwnFile(root: string): (name: string) => boolean {
  return pathMatcher(ownFileSources(projectPlaces(root, '')).join('|'));
}

/** `base`: the listed tree, a real path. `prefix`: of the project within it. */
export function projectPlaces(base: string, prefix: string): ProjectPlaces {
  const root = join(base, prefix);
  const within = (path: string): readonly string[] => {
    const at = relative(base, realPathOr(path));
    return at === '' || at === '..' || at.startsWith('../') ? [] : [`${at}/`];
  };
  const experiments = join(root, 'experiments');
  const linked = linksBelow(experiments);
  return {
    autolab: within(join(root, '.autolab')),
    docs: within(join(root, 'docs')),
    experiments: within(experiments),
    experiment: linked.experiments.flatMap(within),
    whole: linked.parts.flatMap(within),
  };
}

function linksBelow(experiments: string): { readonly experiments: string[]; readonly parts: string[] } {
  const links: { experiments: string[]; parts: string[] } = { experiments: [], parts: [] };
  if (!exists(experiments)) return links;
  for (const { name } of listEntries(experiments)) {
    const experiment = join(experiments, name.toString('utf8'));
    if (lstatOrNull(experiment)?.isSymbolicLink() === true) links.experiments.push(experiment);
    for (const part of ['runs', 'launch']) {
      const path = join(experiment, part);
      if (lstatOrNull(path)?.isSymbolicLink() === true) links.parts.push(path);
    }
  }
  return links;
}

/**
 * The prefixes of the other projects in a tree: the folders with an `.autolab` that the names of files lead to. `names` are
 * relative to the tree.
 */
export function otherProjects(base: string, own: string, names: Iterable<string>): readonly string[] {
  const candidates = new Set<string>();
  for (const name of names)
    for (const marker of ['.autolab/', 'experiments/']) {
      for (let at = name.indexOf(marker); at >= 0; at = name.indexOf(marker, at + 1))
        if (at === 0 || name[at - 1] === '/') candidates.add(name.slice(0, at));
    }
  candidates.delete(own);
  return [...candidates].filter((prefix) => exists(join(base, prefix, '.autolab'))).sort();
}
