import { canonicalLine } from '../records/canonical.ts';
import type { ObservedData } from '../records/run-data.ts';
import { type RunContext, viewOf } from './context.ts';
import { observedEnvironment } from './observed-environment.ts';
import { observedMetrics, observedUsage } from './observed-series.ts';

/** Writes down what the run left of what there is to see, when its files are here. Never in the way of the run. */

/** The first format whose records have it. */
export const OBSERVED_FORMAT = 4;

/** `step`: that brought the files here. Nothing is written if the last line says the same. */
export async function observeRun(ctx: RunContext, step: string): Promise<void> {
  const view = viewOf(ctx);
  if (view.opened.format < OBSERVED_FORMAT) return;
  const seen = await lookAtRun(ctx, view.opened.entrypoint.argv);
  if (canonicalLine(seen) === canonicalLine(view.observed ?? {})) return;
  ctx.journal.append(step, 'run.observed', seen);
}

async function lookAtRun({ paths }: RunContext, argv: readonly string[]): Promise<ObservedData> {
  const environment = await orNull(() => observedEnvironment(paths, argv));
  const metrics = await orNull(() => observedMetrics(paths));
  const usage = await orNull(() => observedUsage(paths));
  return {
    ...(environment === null ? {} : { environment }),
    ...(metrics === null ? {} : { metrics }),
    ...(usage === null ? {} : { usage }),
  };
}

/** What cannot be read is not there to be seen; if it is an output, its digest fails the run. */
async function orNull<Seen>(look: () => Seen | Promise<Seen>): Promise<Seen | null> {
  try {
    return await look();
  } catch {
    return null;
  }
}
