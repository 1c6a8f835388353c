import type { LaunchEvent } from '../../events/events.ts';
import { cancelRun, userName } from '../cancel.ts';
import { cancelTasks, type TaskToCancel } from '../cancel-tasks.ts';
import { anyText, counts } from '../check-options.ts';
import { notifying } from '../notify.ts';
import type { VerbResult } from '../result.ts';
import { withTrueResult } from '../retract.ts';
import { DRIVING_RULES, type DrivingOptions, steerWait } from '../steering.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { type PageKey, withPage } from '../with-page.ts';

export interface CancelOptions extends DrivingOptions {
  /** Who asked, for the record. Default: the user's name. */
  readonly by?: string;
  /** Only these tasks of the run, by their indices: the call asks for it and returns, and the run continues. Default: [], the run. */
  readonly tasks?: readonly number[];
}

export interface CancelResult extends VerbResult, PageKey {
  /** With `tasks`: what came of each. */
  readonly tasks?: readonly TaskToCancel[];
}

export const cancel: Verb<CancelOptions, ProjectRoot, LaunchEvent> = {
  name: 'cancel',
  options: { ...DRIVING_RULES, by: anyText, tasks: counts },
  perform: async (place, { tasks = [], ...options }, emit) => {
    const { env, release } = steerWait(place, 'autolab cancel', options, emit);
    try {
      if (tasks.length > 0) return await cancelTasks(env, tasks, options.by ?? userName());
      const stop = (seen: typeof env) => withTrueResult(place.root, () => cancelRun(seen, options));
      return await notifying(env, () => withPage(env, stop));
    } finally {
      release();
    }
  },
};
