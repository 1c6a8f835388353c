import type { LaunchEvent } from '../../events/events.ts';
import { cancelRun } from '../cancel.ts';
import { anyText } from '../check-options.ts';
import { notifying } from '../notify.ts';
import type { VerbResult } from '../result.ts';
import { withTrueResult } from '../retract.ts';
import { DRIVING_RULES, type DrivingOptions, steerWait } from '../steering.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { type PageKey, withPage } from '../with-page.ts';

export interface CancelOptions extends DrivingOptions {
  /** Who asked, for the record. Default: the user's name. */
  readonly by?: string;
}

export type CancelResult = VerbResult & PageKey;

export const cancel: Verb<CancelOptions, ProjectRoot, LaunchEvent> = {
  name: 'cancel',
  options: { ...DRIVING_RULES, by: anyText },
  perform: async (place, options, emit) => {
    const { env, release } = steerWait(place, 'autolab cancel', options, emit);
    try {
      const stop = (seen: typeof env) => withTrueResult(place.root, () => cancelRun(seen, options));
      return await notifying(env, () => withPage(env, stop));
    } finally {
      release();
    }
  },
};
