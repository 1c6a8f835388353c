import { reopenBacklog } from '../backlog.ts';
import { anyText, required, text } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface ReopenOptions {
  /** The id of the experiment in the backlog. */
  readonly id: string;
  /** Who decides, for the record. */
  readonly by: string;
  /** Why, for the record. */
  readonly note: string;
}

export type ReopenResult = VerbResult;

export const reopen: Verb<ReopenOptions> = {
  name: 'backlog reopen',
  options: { id: required(anyText), by: required(text), note: required(text) },
  perform: ({ root }, options) => reopenBacklog(root, options),
};
