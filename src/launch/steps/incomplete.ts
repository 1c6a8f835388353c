import { quotePosix } from '../../platform/quoting.ts';
import type { Collected } from '../artifacts.ts';
import type { StepFailed } from './step.ts';

/** Outputs that could not be brought together: the next launch tries again, and the hint says what to mend before. */
export function incomplete(
  collected: Pick<Collected, 'problems' | 'writes'> & Partial<Pick<Collected, 'unrecordable'>>,
): StepFailed {
  const { problems, writes, unrecordable = [] } = collected;
  const more = problems.length > 1 ? ` (and ${String(problems.length - 1)} more)` : '';
  return {
    kind: 'failed',
    code: 'sync.failed',
    retryable: true,
    message: `Not everything could be collected: ${problems[0] ?? ''}${more}.`,
    ...(unrecordable[0] === undefined ? {} : { hint: `${removalOf(unrecordable)}, then: autolab launch` }),
    writes,
  };
}

/** Records hold files and links whose names are UTF-8: nothing but a person's hand helps with the rest. */
function removalOf(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${String(names.length - 3)} more` : '';
  return `Remove or rename ${names.slice(0, 3).map(quotePosix).join(', ')}${more}`;
}
