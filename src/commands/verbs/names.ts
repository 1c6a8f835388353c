import { listRuns } from '../../run/claim.ts';
import { succeed, type VerbResult } from '../result.ts';
import type { NoOptions, Verb } from '../verb.ts';

export interface NamesResult extends VerbResult {
  /** Every run that has a folder, oldest first. Nothing of it is read. */
  readonly runs?: readonly RunNames[];
}

export interface RunNames {
  readonly iteration_id: string;
  readonly run_id: string;
}

/** What a shell completes: quick, because it is asked for with every press of a key. */
export const names: Verb<NoOptions> = {
  name: 'names',
  options: {},
  perform: ({ root }) => {
    const runs = listRuns(root)
      .map(({ iterationId, runId }) => ({ iteration_id: iterationId, run_id: runId }))
      .sort((a, b) => (a.run_id < b.run_id ? -1 : 1));
    return succeed(
      'names',
      { message: `${runs.length} run(s).`, hint: '' },
      {
        details: { runs } satisfies Partial<NamesResult>,
      },
    );
  },
};
