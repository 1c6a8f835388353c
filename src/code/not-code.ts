import { literalSource } from './ignore-pattern.ts';
import { ignorePatternSource } from './ignore-pattern.ts';
import { designSources, otherProjects, ownFileSources, projectPlaces } from './own-files.ts';

interface Listed {
  /** The listed tree, a real path. */
  readonly base: string;
  /** Of the project within it. */
  readonly prefix: string;
  /** Relative to the tree; they lead to other projects in it. */
  readonly names: readonly string[];
  /** Patterns of `code.ignore`. */
  readonly ignore: readonly string[];
  /** Single files that are no code either. */
  readonly files?: readonly string[];
}

/** Regular expressions for whole names that are not code, and for designs; for bash and JavaScript alike. '' matches nothing. */
export function notCodeIn({ base, prefix, names, ignore, files = [] }: Listed): {
  readonly notCode: string;
  readonly designs: string;
} {
  const places = [prefix, ...otherProjects(base, prefix, names)].map((at) => projectPlaces(base, at));
  const notCode = [
    ...places.flatMap(ownFileSources),
    ...files.map(literalSource),
    ...ignore.flatMap((pattern) => ignorePatternSource(pattern, prefix) ?? []),
  ];
  return { notCode: notCode.join('|'), designs: places.flatMap(designSources).join('|') };
}
