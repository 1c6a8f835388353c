import { GlobReader } from './glob-reader.ts';

/**
 * Patterns of file paths, as a shell reads them: `*` and `?` within a path segment, `**` as a whole segment for any
 * number of segments, `[a-z]` and `[!a-z]`, `{a,b}`, and `\` before a character that is meant literally. A wildcard does
 * not match a dot at the beginning of a segment: `*` passes over `.hidden`, `.*` finds it. Brackets and braces that are
 * not closed are literal. Pure.
 *
 * The pattern becomes a small automaton that is run over the path with all its states at once: the time is bounded by
 * pattern times path, whatever the pattern; a backtracking regular expression can take for ever.
 */

export interface Glob {
  readonly pattern: string;
  /** No wildcards: the pattern names one path. */
  readonly literal: boolean;
  readonly matches: (path: string) => boolean;
}

export function compileGlob(pattern: string): Glob {
  const { automaton, first, last, literal } = new GlobReader(pattern);
  return { pattern, literal, matches: (path) => automaton.matches(path, first, last) };
}
