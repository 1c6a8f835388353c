import { canonicalLine } from '../records/canonical.ts';
import type { ObservedData } from '../records/run-data.ts';
import { type RunContext, viewOf } from './context.ts';
import { observedEnvironment } from './observed-environment.ts';
import { observedMetrics, observedUsage } from './observed-series.ts';

/** Writes down what the run left of what there is to see, when its files are here. Never in the way of the run. */

/** The first format whose records have it. */
export const OBSERVED_FORMAT = 4;

/** `step`: that brought the files here. Nothing is written if the last line says the same. */
export function observeRun(ctx: RunContext, step: string): void {
  const view = viewOf(ctx);
  if (view.opened.format < OBSERVED_FORMAT) return;
  const seen = lookAtRun(ctx, view.opened.entrypoint.argv);
  if (canonicalLine(seen) === canonicalLine(view.observed ?? {})) return;
  ctx.journal.append(step, 'run.observed', seen);
}

function lookAtRun({ paths }: RunContext, argv: readonly string[]): ObservedData {
  const environment = observedEnvironment(paths, argv);
  const usage = observedUsage(paths);
  const metrics = observedMetrics(paths);
  return {
    ...(environment === null ? {} : { environment }),
    ...(metrics === null ? {} : { metrics }),
    ...(usage === null ? {} : { usage }),
  };
}
