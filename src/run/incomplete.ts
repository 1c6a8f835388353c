import { besides, firstFew } from '../platform/listing.ts';
import { quotePosix } from '../platform/quoting.ts';
import type { Collected } from './artifacts.ts';
import type { StepFailed } from './step.ts';

/** Outputs that could not be collected: the next launch retries, and the hint says what to fix first. */
export function incomplete(
  collected: Pick<Collected, 'problems' | 'writes'> &
    Partial<Pick<Collected, 'unrecordable'>> & { readonly isGone?: boolean },
): StepFailed {
  const { problems, writes, unrecordable = [], isGone = false } = collected;
  return {
    kind: 'failed',
    code: 'sync.failed',
    retryable: true,
    message: `Not everything could be collected: ${problems[0] ?? ''}${besides(problems.length - 1)}.`,
    ...hintOf(unrecordable, isGone),
    writes,
  };
}

function hintOf(unrecordable: readonly string[], isGone: boolean): Pick<StepFailed, 'hint'> {
  if (isGone) return { hint: GONE };
  return unrecordable[0] === undefined ? {} : { hint: `${removalOf(unrecordable)}, then: autolab launch` };
}

const GONE =
  'If it was on the disk of the node, it is gone with the job, and a retry cannot help: abandon the run with `autolab cancel`, let the entrypoint write it before it ends, and launch again.';

/** Records hold files and links whose names are UTF-8: only the user can rename or remove the rest. */
function removalOf(names: readonly string[]): string {
  return `Remove or rename ${firstFew(names.map(quotePosix), 3)}`;
}
