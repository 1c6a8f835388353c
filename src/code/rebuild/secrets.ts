import { ignorePatternSource } from '../ignore-pattern.ts';
import { ownFileSources } from '../own-files.ts';
import { pathMatcher } from '../path-matcher.ts';
import { looksSecret } from '../secret-names.ts';
import { innermostRepository, isSafePath, liesBeyondLink, type Recipe, type RecipeRepository } from './recipe.ts';

/** Files of a commit whose names look like secrets: not listed, but known to be unchanged if no patch left them out. */
export interface CommittedSecrets {
  readonly clean: readonly string[];
  /** Whether they were there is unknown: why, by path. */
  readonly doubtful: ReadonlyMap<string, string>;
}

/** `names`: of the repository with its patch, relative to it. Pure. */
export function committedSecrets(
  recipe: Recipe,
  repository: RecipeRepository,
  names: readonly string[],
  ignore: readonly string[],
): CommittedSecrets {
  const paths = names.map((name) => repository.place + name);
  const isNotCode = pathMatcher(notCodeOf(recipe, paths, ignore));
  const secrets = paths.filter(
    (path) =>
      looksSecret(path) &&
      path.startsWith(recipe.base) &&
      !repository.leftOut.has(path) &&
      !isNotCode(path) &&
      isSafePath(path) &&
      !liesBeyondLink(recipe, path) &&
      innermostRepository(recipe, path) === repository,
  );
  if (!recipe.sparse) return { clean: secrets, doubtful: new Map() };
  const reason = 'its name looks like a secret, and a sparse checkout may have left it out';
  return { clean: [], doubtful: new Map(secrets.map((path) => [path, reason])) };
}

/** As at the launch, but for links of a project that lead elsewhere. */
function notCodeOf({ prefix }: Recipe, paths: readonly string[], ignore: readonly string[]): string {
  const projects = new Set([prefix]);
  for (const path of paths) {
    const [, at] = /^((?:.*\/)?)\.autolab\//.exec(path) ?? [];
    if (at !== undefined) projects.add(at);
  }
  return [
    ...[...projects].flatMap((at) =>
      ownFileSources({
        autolab: [`${at}.autolab/`],
        docs: [`${at}docs/`],
        experiments: [`${at}experiments/`],
        experiment: [],
        whole: [],
      }),
    ),
    ...ignore.flatMap((pattern) => ignorePatternSource(pattern, prefix) ?? []),
  ].join('|');
}
