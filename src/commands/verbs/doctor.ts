import { failureOf } from '../../errors/failure.ts';
import type { Check } from '../../run/check.ts';
import { examineHost } from '../doctor.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { NoOptions, Verb } from '../verb.ts';

export interface DoctorResult extends VerbResult {
  readonly checks?: readonly Check[];
}

/** Without a project, the machine alone is checked. */
export const doctor: Verb<NoOptions, { readonly root: string | null }> = {
  name: 'doctor',
  options: {},
  perform: async ({ root }) => {
    const checks = await examineHost(root);
    const failed = checks.filter((check) => check.status === 'fail').map(({ name }) => name);
    const details = { checks } satisfies Partial<DoctorResult>;
    if (failed.length === 0)
      return succeed('doctor', { message: 'All required checks passed.', hint: 'Launch: autolab launch' }, { details });
    const message = `Failed checks: ${failed.join(', ')}.`;
    return resultOfFailure('doctor', failureOf('doctor.failed', { message }), { details });
  },
};
