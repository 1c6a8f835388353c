import type { Code } from '../errors/catalog.ts';
import type { Check } from '../run/check.ts';
import { consequenceOf } from '../run/outcome.ts';
import { choicesAt } from '../workflow/choices.ts';
import { whatNext } from './next.ts';

/** What to do after the checks: one command, by what they found and by where the workflow is. */

export interface AfterChecks {
  /** One sentence. */
  readonly message: string;
  /** One line for a shell; what the user fills in is in capitals. Null if autolab knows none. */
  readonly next_command: string | null;
}

const AGAIN = 'autolab doctor';
const LAUNCH = 'autolab launch';

/** `codes`: what a launch would be refused for. */
export function afterChecks(root: string | null, checks: readonly Check[], codes: readonly Code[]): AfterChecks {
  if (checks.some(({ status }) => status === 'fail'))
    return { message: 'Fix them, then check again.', next_command: AGAIN };
  if (root === null) return { message: 'There is no project here.', next_command: 'autolab init' };
  const next = whatNext(root);
  if (!next.ok) return { message: next.failure.message, next_command: AGAIN };
  const { message, next_command } = next.value;
  return next_command === LAUNCH && codes.length > 0 ? refusedLaunch(codes) : { message, next_command };
}

/** The documents alone say nothing against the launch; the host, git or the code do. Pure. */
function refusedLaunch(codes: readonly Code[]): AfterChecks {
  const owned = codes.find((code) => consequenceOf(code).stage === 'implementation_review');
  const [approve] = choicesAt('implementation_review');
  if (owned !== undefined && approve !== undefined)
    return { message: 'The experiment is not approved as it is now.', next_command: approve.command };
  const message = 'A launch would be refused: fix the lines above that begin with launch, then check again.';
  return { message, next_command: AGAIN };
}
