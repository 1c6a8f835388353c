import { anyText, required, text } from '../check-options.ts';
import { focusExperiment } from '../focus.ts';
import type { VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface FocusOptions {
  /** An experiment of the backlog, or its iteration. */
  readonly id: string;
  /** Who decides, for the record. */
  readonly by?: string;
}

export type FocusResult = VerbResult;

export const focus: Verb<FocusOptions> = {
  name: 'focus',
  options: { id: required(anyText), by: text },
  perform: ({ root }, options) => focusExperiment(root, options),
};
