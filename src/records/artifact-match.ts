import { compileGlob } from './glob.ts';

/** Which files a run's declared artifacts name. Pure. */

export interface DeclaredArtifact {
  /** Relative to the run folder; a path, or a pattern as in glob.ts. */
  readonly path: string;
  readonly required: boolean;
}

export interface ArtifactMatch {
  readonly pattern: string;
  readonly required: boolean;
  /** In the order of the paths given. */
  readonly matches: readonly string[];
}

/**
 * Matches each declared artifact against paths relative to the run folder. A pattern without wildcards may also name a
 * folder: then everything below it matches.
 */
export function matchArtifacts(declared: readonly DeclaredArtifact[], paths: readonly string[]): ArtifactMatch[] {
  return declared.map(({ path: pattern, required }) => {
    const trimmed = pattern.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
    const glob = compileGlob(trimmed);
    const folder = `${trimmed.replaceAll(/\\(.)/gs, '$1')}/`;
    const matches = paths.filter((path) => glob.matches(path) || (glob.literal && path.startsWith(folder)));
    return { pattern, required, matches };
  });
}
