import { required, text } from '../check-options.ts';
import type { VerbResult } from '../result.ts';
import { withTrueResult } from '../retract.ts';
import { takeLeaseAway } from '../unlock.ts';
import type { Verb } from '../verb.ts';

export interface UnlockOptions {
  /** Id of the active run; `none` if no run is active. */
  readonly run: string;
}

export type UnlockResult = VerbResult;

export const unlock: Verb<UnlockOptions> = {
  name: 'unlock',
  options: { run: required(text) },
  perform: ({ root }, { run }) => withTrueResult(root, () => takeLeaseAway(root, run)),
};
