import type { LaunchEvent } from '../../events/events.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { launchRun } from '../launch.ts';
import { notBegun } from '../launch-refusals.ts';
import { notifying } from '../notify.ts';
import { type CommandResult, resultOfFailure, type VerbResult } from '../result.ts';
import { resumeActive } from '../resume.ts';
import { withTrueResult } from '../retract.ts';
import { steerRun, wasInterrupted } from '../steering.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { type PageKey, withPage } from '../with-page.ts';
import { WAIT_RULES, type WaitOptions } from './launch.ts';

export interface ResumeOptions extends WaitOptions {
  /** The verb that the result names. Default: `resume`. */
  readonly command?: string;
}

export type ResumeResult = VerbResult & PageKey;

export const resume: Verb<WaitOptions, ProjectRoot, LaunchEvent> = {
  name: 'resume',
  options: WAIT_RULES,
  perform: async (place, options, emit) => {
    if (wasInterrupted(options)) return resultOfFailure('resume', notBegun());
    const { env, release } = steerRun(place, quoteArgv(['autolab', 'resume']), options, emit);
    try {
      const { detach = false, waitTimeoutMs = null } = options;
      const drive = async (seen: typeof env): Promise<CommandResult> => {
        const result = await resumeActive(seen, { detach, waitTimeoutMs, command: 'resume' });
        // Claimed, but the journal has no line: only the launch itself can continue.
        return result === 'unopened' ? launchRun(seen, { detach, waitTimeoutMs }) : result;
      };
      return await notifying(env, () => withPage(env, (seen) => withTrueResult(place.root, () => drive(seen))));
    } finally {
      release();
    }
  },
};
