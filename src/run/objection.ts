import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';

/** A reason against a launch. */
export interface Objection {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
  /** Its places, if it is about lines of files. */
  readonly problems?: readonly Problem[];
}
