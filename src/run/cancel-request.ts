import { readTextOrNull } from '../platform/files.ts';
import { livenessOf, type ProcessIdentity } from '../platform/host.ts';
import { signalProcess } from '../platform/process-tree.ts';
import { type RunContext, viewOf } from './context.ts';

/** The user's request to stop the run: from this driver's terminal, or left as a file by `autolab cancel`. */

/** Who asked; null if no one did. */
export function cancelRequest(ctx: RunContext): string | null {
  if (viewOf(ctx).cancel !== null) return viewOf(ctx).cancel?.by ?? '';
  if (ctx.control.cancelBy !== null) return ctx.control.cancelBy;
  const text = readTextOrNull(ctx.paths.cancel);
  if (text === null) return null;
  try {
    const value = JSON.parse(text) as { by?: unknown };
    return typeof value.by === 'string' ? value.by : 'cancel.json';
  } catch {
    // Linked whole or not at all; a file of the user's own with this name is a request, too.
    return 'cancel.json';
  }
}

/** Whether the user wants to leave, or to stop the run: work that was ended for that did not fail. */
export function wasStopped({ control }: RunContext): boolean {
  return control.detach || control.cancelBy !== null;
}

/** Recorded before anything is stopped: a run is only `cancelled` if the request came before its end. */
export function noteCancel(ctx: RunContext, step: string, by: string): void {
  const view = viewOf(ctx);
  if (view.cancel !== null) return;
  ctx.journal.append(step, 'cancel.requested', { by });
  ctx.emit({ type: 'note', message: `Cancelling the run (asked by ${by}); waiting for its confirmed end.` });
}

/** The supervisor ends the entrypoint and all that it started, and writes the receipt. Repeated until it is gone. */
export function tellSupervisor(holder: ProcessIdentity): void {
  if (livenessOf(holder) === 'alive') signalProcess({ pid: holder.pid, startTime: holder.start_time }, 'SIGTERM');
}
