import type { Analysis } from '../../workflow/results/analysis-schema.ts';
import { maybeText } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import { extractResults } from '../results/extract.ts';
import type { Verb } from '../verb.ts';

export type { Analysis } from '../../workflow/results/analysis-schema.ts';

export interface ExtractOptions {
  /** `RUN` or `ITERATION/RUN`; the stage then stays. Default: null, the last run, whose stage it is. */
  readonly run?: string | null;
}

export interface ExtractResult extends VerbResult {
  /** What was written, as in `schemas/analysis.schema.json`. */
  readonly analysis?: Analysis;
  /** Relative to the project root. */
  readonly analysis_file?: string;
  readonly summary_file?: string;
}

export const extract: Verb<ExtractOptions> = {
  name: 'extract',
  options: { run: maybeText },
  perform: ({ root }, { run = null }) => extractResults(root, run),
};
