import type { Choice } from '../../workflow/choices.ts';
import type { NextStep } from '../../workflow/next-step.ts';
import { whatNext } from '../next.ts';
import { resultOfFailure, stageKeys, succeed, type VerbResult } from '../result.ts';
import type { NoOptions, Verb } from '../verb.ts';

export type { Choice } from '../../workflow/choices.ts';

export interface NextResult extends VerbResult {
  readonly stage?: string;
  /** Whose turn it is: `author`, `reviewer`, `autolab` or `agent`; null if autolab does not know the stage. */
  readonly who?: NextStep['who'];
  /** One line for a shell; what the user fills in is WHO, TEXT and ID. Null if there is no command. */
  readonly next_command?: string | null;
  /** Other commands that make sense now, each with what speaks for it. */
  readonly alternatives?: readonly Choice[];
  /** What the review approved, as one digest; null if it approved nothing. */
  readonly approved_digest?: string | null;
  /** The last run of that approval if another one can be launched, which `after` of `launch` has to name; else null. */
  readonly after?: string | null;
}

export const showNext: Verb<NoOptions> = {
  name: 'next',
  options: {},
  perform: ({ root }) => {
    const found = whatNext(root);
    if (!found.ok) return resultOfFailure('next', found.failure);
    const { message, problems, stage, iteration_id, experiment_id, run_id, ...others } = found.value;
    const { who, next_command, alternatives, approved_digest, after } = others;
    return succeed(
      'next',
      { message, hint: next_command ?? '' },
      {
        ...{ iteration_id, experiment_id, run_id, problems },
        ...stageKeys({ stage }, { stage, ...others }),
        details: { stage, who, next_command, alternatives, approved_digest, after } satisfies Partial<NextResult>,
      },
    );
  },
};
