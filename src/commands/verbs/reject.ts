import { required, text } from '../check-options.ts';
import { rejectExperiment, type Rejection } from '../reject.ts';
import type { VerbResult } from '../result.ts';
import type { Verb } from '../verb.ts';

export interface RejectOptions {
  /** Who rejects, for the record. */
  readonly by: string;
  /** Why: what has to change. */
  readonly note: string;
}

export type RejectResult = VerbResult;

export const reject: Verb<RejectOptions> = {
  name: 'reject',
  options: { by: required(text), note: required(text) },
  perform: ({ root }, options: Rejection) => rejectExperiment(root, options),
};
