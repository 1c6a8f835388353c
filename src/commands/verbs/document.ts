import type { VerbResult } from '../result.ts';
import { documentResults } from '../results/document.ts';
import type { NoOptions, Verb } from '../verb.ts';

export interface DocumentResult extends VerbResult {
  /** The page with the table. */
  readonly results_file?: string;
  /** What it says of this experiment. */
  readonly update_file?: string;
  /** Rows of the table. */
  readonly rows?: number;
  /** Completed runs that are not in it. */
  readonly not_extracted?: readonly string[];
  /** Whether a file was changed. */
  readonly changed?: boolean;
}

export const document: Verb<NoOptions> = {
  name: 'document',
  options: {},
  perform: ({ root }) => documentResults(root),
};
