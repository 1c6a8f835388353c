import { executorOf } from '../../executors/table.ts';
import { asItWorks } from '../../records/withheld.ts';
import { viewOf } from '../../run/context.ts';
import { noIntent, repeatable, type StepEnd } from '../../run/step.ts';
import { carrierOf } from '../../sites/table.ts';

/** Sends the code to where it runs, and fetches the outputs: by the carrier of the run's site. */

export const syncToRemote = repeatable({
  name: 'sync_to_remote',
  skip: ({ opened }) => executorOf(opened).staysHere,
  intent: noIntent,
  run: (ctx): Promise<StepEnd> => {
    const { opened } = viewOf(ctx);
    const working = asItWorks(ctx.paths, opened) ?? opened;
    return carrierOf(ctx).send(ctx, (folder) => executorOf(opened).textsBeside(working, folder));
  },
});

export const collectToRemote = repeatable({
  name: 'collect_to_remote',
  skip: ({ opened }) => executorOf(opened).staysHere,
  intent: noIntent,
  run: async (ctx): Promise<StepEnd> => {
    ctx.lease.assertHeld();
    const view = viewOf(ctx);
    return carrierOf(ctx).gather(ctx, await executorOf(view.opened).leftToCollect(view, ctx.paths));
  },
});

export const syncArtifactsToLocal = repeatable({
  name: 'sync_artifacts_to_local',
  skip: ({ opened }) => executorOf(opened).staysHere,
  intent: noIntent,
  // What was missing at the last try may be there now.
  retryFrom: 'collect_to_remote',
  run: (ctx): Promise<StepEnd> => {
    ctx.lease.assertHeld();
    return carrierOf(ctx).bringBack(ctx);
  },
});
