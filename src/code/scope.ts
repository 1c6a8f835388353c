/** Which files are code: `code` in `.autolab/launch.yaml`. */
export interface CodeScope {
  /** The whole repository that the project lies in, or the project's folder only. */
  readonly scope: 'repository' | 'project';
  /** Patterns as in `.gitignore`, relative to the project root. */
  readonly ignore: readonly string[];
}

export const DEFAULT_CODE_SCOPE: CodeScope = { scope: 'repository', ignore: [] };

/** What was code before there was a choice: for runs that an older autolab opened. */
export const OLDER_CODE_SCOPE: CodeScope = { scope: 'project', ignore: [] };

/** More files than this cannot be meant: the folder is a home folder or a disk of data. */
export const MOST_FILES = 200_000;
