import type { LaunchEvent } from '../../events/events.ts';
import { flag, maybeText, type OptionRules, required, text, texts } from '../check-options.ts';
import { rerunExperiment } from '../rerun.ts';
import type { VerbResult } from '../result.ts';
import { approveAndLaunch } from '../then-launch.ts';
import type { ProjectRoot, Verb } from '../verb.ts';
import { WAIT_RULES, type WaitOptions } from './launch.ts';

export interface RerunOptions extends WaitOptions {
  /** `RUN` or `ITERATION/RUN`. Default: null, the last one. */
  readonly run?: string | null;
  /** `KEY=VALUE`: an argument of the command, or `compute.KEY`. With one of them it is a new experiment. */
  readonly set?: readonly string[];
  /** Of a new experiment. Default: null, made from that of the run if there is something to set. */
  readonly id?: string | null;
  /** Who decides, for the record. */
  readonly by: string;
  /** Why, for the record. */
  readonly note?: string | null;
  /** The key file to sign the approval with. Default: null, git's `user.signingkey`, else the agent's key. */
  readonly key?: string | null;
  /** Launch it, too; a new experiment is approved first. The result is the launch's. Default: false. */
  readonly launch?: boolean;
}

export interface RerunResult extends VerbResult {
  /** The run that was looked up. */
  readonly from_run?: string;
  /** The files that were made or changed; empty for the same experiment. */
  readonly created?: readonly string[];
  /** The path of design.yaml. */
  readonly design?: string;
}

const options: OptionRules<RerunOptions> = {
  ...WAIT_RULES,
  run: maybeText,
  set: texts,
  id: maybeText,
  by: required(text),
  note: maybeText,
  key: maybeText,
  launch: flag,
};

export const rerun: Verb<RerunOptions, ProjectRoot, LaunchEvent> = {
  name: 'rerun',
  options,
  perform: async (place, given, emit) => {
    const { run = null, set = [], id = null, by, note = null, key = null, launch = false } = given;
    const made = await rerunExperiment(place.root, { run, set, id, by, note, toLaunch: launch });
    if (!launch || made.outcome !== 'ok') return made;
    return approveAndLaunch(place, made, { by, note, key }, given, emit);
  },
};
