import type { LaunchEvent } from '../../events/events.ts';
import { cancel as cancelRun } from '../cancel.ts';
import { text } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import { DRIVING_RULES, type DrivingOptions, steerWait } from '../steering.ts';
import type { Place, Verb } from '../verb.ts';

export interface CancelOptions extends DrivingOptions {
  /** Who asked, for the record. Default: the user's name. */
  readonly by?: string;
}

export type CancelResult = VerbResult;

export const cancel: Verb<CancelOptions, Place, LaunchEvent> = {
  name: 'cancel',
  options: { ...DRIVING_RULES, by: text },
  perform: async (place, options, emit) => {
    const { env, release } = steerWait(place, 'autolab cancel', options, emit);
    try {
      return await cancelRun(env, options);
    } finally {
      release();
    }
  },
};
