import { advanceStage } from '../advance.ts';
import { text } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface AdvanceOptions {
  /** Who did the stage, for the record. */
  readonly by?: string;
}

export type AdvanceResult = VerbResult;

export const advance: Verb<AdvanceOptions> = {
  name: 'advance',
  options: { by: text },
  perform: ({ root }, options) => advanceStage(root, options),
};
