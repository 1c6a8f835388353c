import { collectArtifacts } from '../artifacts.ts';
import { viewOf } from '../context.ts';
import { quotePosix } from '../../platform/quoting.ts';
import { never, noIntent, repeatable, type StepDone, type StepFailed } from './step.ts';

/** Gathers what the design declares with `from:`, and digests everything that the run left into `artifacts.sha256`. */
export const collect = repeatable({
  name: 'collect',
  skip: never,
  intent: noIntent,
  run: async (ctx): Promise<StepDone | StepFailed> => {
    ctx.lease.assertHeld();
    const { record, problems, unrecordable, writes } = await collectArtifacts(
      ctx.paths,
      viewOf(ctx).opened.artifacts,
      false,
    );
    const first = problems[0];
    if (first === undefined)
      return {
        kind: 'done',
        message: `${String(record.files)} files, ${String(record.bytes)} bytes`,
        writes,
        result: record,
      };
    const more = problems.length > 1 ? ` (and ${String(problems.length - 1)} more)` : '';
    return {
      kind: 'failed',
      code: 'sync.failed',
      retryable: true,
      message: `Not everything could be collected: ${first}${more}.`,
      ...(unrecordable[0] === undefined ? {} : { hint: `${removalOf(unrecordable)}, then: autolab launch` }),
      writes,
    };
  },
});

/** Records hold files and links whose names are UTF-8: nothing but a person's hand helps with the rest. */
function removalOf(names: readonly string[]): string {
  const more = names.length > 3 ? ` and ${String(names.length - 3)} more` : '';
  return `Remove or rename ${names.slice(0, 3).map(quotePosix).join(', ')}${more}`;
}
