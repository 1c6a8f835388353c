import { failureOf } from '../../errors/failure.ts';
import type { Check } from '../../run/check.ts';
import { examineHost } from '../doctor.ts';
import { afterChecks } from '../doctor-next.ts';
import { resultOfFailure, succeed, type VerbResult } from '../result.ts';
import type { NoOptions, Verb } from '../verb.ts';

export interface DoctorResult extends VerbResult {
  readonly checks?: readonly Check[];
  /** One line for a shell that does what comes next; what the user fills in is in capitals. Null if autolab knows none. */
  readonly next_command?: string | null;
}

/** Without a project, the machine alone is checked. */
export const doctor: Verb<NoOptions, { readonly root: string | null }> = {
  name: 'doctor',
  options: {},
  perform: async ({ root }) => {
    const { checks, codes } = await examineHost(root);
    const failed = checks.filter((check) => check.status === 'fail').map(({ name }) => name);
    const { message: words, next_command, problems } = afterChecks(root, checks, codes);
    const details = { checks, next_command } satisfies Partial<DoctorResult>;
    const hint = next_command ?? '';
    if (failed.length === 0)
      return succeed('doctor', { message: `All required checks passed. ${words}`, hint }, { details, problems });
    const message = `Failed checks: ${[...new Set(failed)].join(', ')}. ${words}`;
    return resultOfFailure('doctor', failureOf('doctor.failed', { message, hint, problems }), { details });
  },
};
