import { listedAfterEnd } from '../../run/after-end.ts';
import { collectArtifacts } from '../../run/artifacts.ts';
import { collectables } from '../../run/collect-script.ts';
import { viewOf } from '../../run/context.ts';
import { incomplete } from '../../run/incomplete.ts';
import { observeRun } from '../../run/observe.ts';
import { never, noIntent, repeatable, type StepDone, type StepFailed } from '../../run/step.ts';

/** Gathers what the design declares with `from:`, and digests everything that the run left into `artifacts.sha256`. */
export const collect = repeatable({
  name: 'collect',
  skip: never,
  intent: noIntent,
  run: async (ctx): Promise<StepDone | StepFailed> => {
    ctx.lease.assertHeld();
    const { opened } = viewOf(ctx);
    await observeRun(ctx, 'collect');
    const left = { specs: collectables(opened.artifacts), gone: null };
    const collected = await listedAfterEnd(ctx, false, () => collectArtifacts(ctx.paths, opened, false, left));
    if (collected.problems.length > 0) return incomplete(collected);
    const { record, writes } = collected;
    const message = `${record.files} files, ${record.bytes} bytes`;
    return { kind: 'done', message, writes, result: record };
  },
});
