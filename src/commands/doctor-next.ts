import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import type { Check } from '../run/check.ts';
import { consequenceOf } from '../run/outcome.ts';
import { choicesAt } from '../workflow/choices.ts';
import { type WhatNext, whatNext } from './next.ts';

/** What to do after the checks: one command, by what they found and by where the workflow is. */

export interface AfterChecks {
  /** One sentence. */
  readonly message: string;
  /** One line for a shell; what the user fills in is in capitals. Null if autolab knows none. */
  readonly next_command: string | null;
  /** What the review or the results say against going on; the rest are checks of their own. */
  readonly problems: readonly Problem[];
}

const AGAIN = 'autolab doctor';
const LAUNCH = 'autolab launch';

/** `codes`: what a launch would be refused for. */
export function afterChecks(root: string | null, checks: readonly Check[], codes: readonly Code[]): AfterChecks {
  const next = root === null ? null : whatNext(root);
  const problems = next?.ok === true ? ownProblems(next.value) : [];
  if (checks.some(({ status }) => status === 'fail'))
    return { message: 'Fix them, then check again.', next_command: AGAIN, problems };
  if (next === null) return { message: 'There is no project here.', next_command: 'autolab init', problems };
  if (!next.ok) return { message: next.failure.message, next_command: AGAIN, problems };
  const { message, next_command } = next.value;
  const after = next_command === LAUNCH && codes.length > 0 ? refusedLaunch(codes) : { message, next_command };
  return { ...after, problems };
}

function ownProblems({ stage, problems }: WhatNext): readonly Problem[] {
  if (stage === 'extract_results') return problems;
  return stage === 'implementation' ? problems.filter(({ code }) => code.startsWith('review.')) : [];
}

/** The documents alone say nothing against the launch; the host, git or the code do. Pure. */
function refusedLaunch(codes: readonly Code[]): Omit<AfterChecks, 'problems'> {
  const owned = codes.find((code) => consequenceOf(code).stage === 'implementation_review');
  const [approve] = choicesAt('implementation_review');
  if (owned !== undefined && approve !== undefined)
    return { message: 'The experiment is not approved as it is now.', next_command: approve.command };
  const message = 'A launch would be refused: fix the lines above that begin with launch, then check again.';
  return { message, next_command: AGAIN };
}
