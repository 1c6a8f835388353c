import type { LaunchEvent } from '../../events/events.ts';
import { DriverControl } from '../../run/control.ts';
import { callback, oneOf, required, text } from '../check-options.ts';
import { notifying } from '../notify.ts';
import type { VerbResult } from '../result.ts';
import { withTrueResult } from '../retract.ts';
import { decideReview, type Decision } from '../review.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { type PageKey, withPage } from '../with-page.ts';

export interface ReviewOptions {
  /** `pass`: extract the results; `retry`: launch again; `stop`: end the workflow. */
  readonly decision: Decision;
  /** Who decides, for the record. */
  readonly by: string;
  /** Why, for the record. */
  readonly note: string;
  /** Gets each event as it happens. */
  readonly onEvent?: (event: LaunchEvent) => void;
}

export type ReviewResult = VerbResult & PageKey;

export const review: Verb<ReviewOptions, ProjectRoot, LaunchEvent> = {
  name: 'review',
  options: {
    decision: required(oneOf('pass', 'retry', 'stop')),
    by: required(text),
    note: required(text),
    onEvent: callback,
  },
  perform: ({ root }, { decision, by, note }, emit) => {
    const env = { root, emit, control: new DriverControl(), command: 'autolab review' };
    const decide = (seen: typeof env) => withTrueResult(root, () => decideReview(seen, { decision, by, note }));
    return notifying(env, () => withPage(env, decide));
  },
};
