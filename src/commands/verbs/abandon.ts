import type { LaunchEvent } from '../../events/events.ts';
import { abandonRun } from '../abandon.ts';
import { required, text } from '../check-options.ts';
import { notifying } from '../notify.ts';
import type { VerbResult } from '../result.ts';
import { withTrueResult } from '../retract.ts';
import { DRIVING_RULES, type DrivingOptions, steerWait } from '../steering.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { type PageKey, withPage } from '../with-page.ts';

export interface AbandonOptions extends DrivingOptions {
  /** Who decides, for the record. */
  readonly by: string;
  /** Why, for the record. */
  readonly note: string;
}

export type AbandonResult = VerbResult & PageKey;

export const abandon: Verb<AbandonOptions, ProjectRoot, LaunchEvent> = {
  name: 'cancel',
  options: { ...DRIVING_RULES, by: required(text), note: required(text) },
  perform: async (place, options, emit) => {
    const { env, release } = steerWait(place, 'autolab cancel', options, emit);
    try {
      const { by, note } = options;
      const end = (seen: typeof env) => withTrueResult(place.root, () => abandonRun(seen, { by, note }));
      return await notifying(env, () => withPage(env, end));
    } finally {
      release();
    }
  },
};
