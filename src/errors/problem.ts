/** One thing that is wrong in one place of one file. Leaf: imports nothing. */

/** `error` stops the launch; `warning` is reported and recorded. */
export type Severity = 'error' | 'warning';

export interface Problem {
  /** Path relative to the project root, with `/`. */
  readonly file: string;
  /** 1-based; null if the whole file is meant (missing, unreadable). */
  readonly line: number | null;
  /** 1-based, in UTF-16 units as editors count; null with `line`. */
  readonly column: number | null;
  /** RFC 6901 pointer to the value, '' for the document, null if there is none. */
  readonly pointer: string | null;
  /** A code of the catalogue. */
  readonly code: string;
  readonly severity: Severity;
  /** What is wrong, with the offending text, and what to write instead. */
  readonly message: string;
}

/** `file:line:column` as editors and terminals understand it. */
export function whereOf(problem: Problem): string {
  if (problem.line === null) return problem.file;
  return `${problem.file}:${problem.line}:${problem.column ?? 1}`;
}

/** A document read from text: its value, if it has one, and everything that is wrong with it. */
export interface Parsed<T> {
  readonly value: T | null;
  readonly problems: readonly Problem[];
}

/** The same with what there is of a document that has errors: enough to find what else is wrong, and never used. */
export interface Drafted<T> extends Parsed<T> {
  /** The value, if there is one. */
  readonly draft: T | null;
}
