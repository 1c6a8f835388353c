import type { Code } from '../errors/catalog.ts';

/** What speaks against a launch. */
export interface Objection {
  readonly code: Code;
  readonly message: string;
  readonly hint?: string;
}
