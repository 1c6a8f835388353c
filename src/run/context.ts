import type { Emit } from '../events/events.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { writeFileIfChanged } from '../platform/files.ts';
import type { JournalWriter } from '../records/journal-file.ts';
import type { RunPaths } from '../records/paths.ts';
import { projectManifestText } from '../records/projection.ts';
import { replay, type RunView } from '../records/run-view.ts';
import type { Lease } from './lease.ts';

/** What a person asked of the driver while it works. */
export interface Control {
  /** Stop the run. */
  cancelBy: string | null;
  /** Leave the run alone and go. */
  detach: boolean;
  /** Fires when one of them changed: ends a wait. */
  readonly signal: AbortSignal;
}

export interface DriveOptions {
  /** Return as soon as nothing but waiting is left. */
  readonly detach: boolean;
  /** Milliseconds to wait for the run at most; null means as long as it takes. */
  readonly waitTimeoutMs: number | null;
}

/** One driver at work on one run. */
export interface RunContext {
  readonly root: string;
  readonly paths: RunPaths;
  readonly journal: JournalWriter;
  readonly lease: Lease;
  readonly emit: Emit;
  readonly control: Control;
  readonly options: DriveOptions;
  /** On the monotonic clock: when waiting is over; null means never. */
  readonly deadlineMs: number | null;
}

/** The last view of each journal: a driver that waits for a week asks ten times a second, and a line comes every few minutes. */
const views = new WeakMap<JournalWriter, RunView>();

/** The run as the journal tells it at this moment. */
export function viewOf(ctx: Pick<RunContext, 'journal'>): RunView {
  const { journal } = ctx;
  const known = views.get(journal);
  if (known?.head === journal.head) return known;
  const view = replay(journal.entries, journal.head);
  if (view === null) throw new Error('the journal has no first line');
  views.set(journal, view);
  return view;
}

/** Rewrites the manifest from the journal: at each milestone, and whenever a driver ends. */
export function writeManifest(ctx: RunContext): void {
  ctx.lease.assertHeld();
  writeFileIfChanged(ctx.paths.manifest, projectManifestText(viewOf(ctx)));
  crashPoint('manifest.written');
}
