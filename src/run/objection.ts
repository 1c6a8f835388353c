import type { Code } from '../errors/catalog.ts';

/** A reason against a launch. */
export interface Objection {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
}
