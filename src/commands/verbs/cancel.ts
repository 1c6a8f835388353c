import type { LaunchEvent } from '../../events/events.ts';
import { cancelRun } from '../cancel.ts';
import { anyText } from '../check-options.ts';
import { notifying } from '../notify.ts';
import type { VerbResult } from '../result.ts';
import { withTrueResult } from '../retract.ts';
import { DRIVING_RULES, type DrivingOptions, steerWait } from '../steering.ts';
import type { ProjectRoot, Verb } from '../verb.ts';

export interface CancelOptions extends DrivingOptions {
  /** Who asked, for the record. Default: the user's name. */
  readonly by?: string;
}

export type CancelResult = VerbResult;

export const cancel: Verb<CancelOptions, ProjectRoot, LaunchEvent> = {
  name: 'cancel',
  options: { ...DRIVING_RULES, by: anyText },
  perform: async (place, options, emit) => {
    const { env, release } = steerWait(place, 'autolab cancel', options, emit);
    try {
      return await notifying(env, () => withTrueResult(place.root, () => cancelRun(env, options)));
    } finally {
      release();
    }
  },
};
