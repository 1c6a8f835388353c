import { type DecisionRecord, REPEAT_STAGES } from '../../workflow/results/decision-schema.ts';
import { maybeText, oneOf, required, text } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import { decideResults } from '../results/decide.ts';
import type { Verb } from '../verb.ts';

export interface DecideOptions {
  /** `repeat`: once more; `next`: go to another experiment; `stop`: close the experiment. */
  readonly decision: 'repeat' | 'next' | 'stop';
  /** Who decides, for the record. */
  readonly by: string;
  /** Why, for the record. */
  readonly note: string;
  /** The stage at which `repeat` begins. Default: 'launch'. */
  readonly at?: 'design' | 'implementation' | 'launch';
  /** The experiment that is next. Default: null, the next one of the backlog that is open. */
  readonly id?: string | null;
}

export type { DecisionRecord } from '../../workflow/results/decision-schema.ts';

export interface DecideResult extends VerbResult {
  /** What was written, as in `schemas/decision_result.schema.json`. */
  readonly decision?: DecisionRecord;
  readonly decision_file?: string;
}

export const decide: Verb<DecideOptions> = {
  name: 'decide',
  options: {
    decision: required(oneOf('repeat', 'next', 'stop')),
    by: required(text),
    note: required(text),
    at: oneOf(...REPEAT_STAGES),
    id: maybeText,
  },
  perform: ({ root }, { at = 'launch', id = null, ...options }) => decideResults(root, { ...options, at, id }),
};
