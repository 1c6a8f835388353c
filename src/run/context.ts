import type { Emit } from '../events/events.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { writeFileIfChanged } from '../platform/files.ts';
import type { JournalWriter } from '../records/journal-file.ts';
import type { RunPaths } from '../records/paths.ts';
import { projectManifestText } from '../records/projection.ts';
import { replay, type RunView } from '../records/run-view.ts';
import type { Ahead } from './ahead.ts';
import type { Lease } from './lease.ts';
import type { Site } from './site.ts';

/** What the user asked of the driver while it works. */
export interface Control {
  /** Stop the run. */
  cancelBy: string | null;
  /** Leave the run running and exit. */
  detach: boolean;
  /** Fires when one of them changed: ends a wait. */
  readonly signal: AbortSignal;
}

export interface DriveOptions {
  /** Start the run and return. */
  readonly detach: boolean;
  /** Stop waiting after this many milliseconds; null means wait until the run has ended. */
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
  readonly memory: DriverMemory;
}

/** What a driver has found out and keeps, to avoid computing it ten times a second. */
export interface DriverMemory {
  /** The last view of the journal: a driver that waits for a week asks often, and a line comes every few minutes. */
  view: RunView | null;
  /** Where the run executes. */
  site: Site | null;
  /** What was started for the run while it was prepared. */
  readonly ahead: Ahead | null;
}

export function newMemory(ahead: Ahead | null = null): DriverMemory {
  return { view: null, site: null, ahead };
}

/** The run as the journal describes it at this moment. */
export function viewOf({ journal, memory }: Pick<RunContext, 'journal' | 'memory'>): RunView {
  if (memory.view?.head === journal.head) return memory.view;
  memory.view = replay(journal.entries, journal.head);
  if (memory.view === null) throw new Error('the journal has no first line');
  return memory.view;
}

/** Rewrites the manifest from the journal: at each milestone, and whenever a driver ends. */
export function writeManifest(ctx: RunContext): void {
  ctx.lease.assertHeld();
  writeFileIfChanged(ctx.paths.manifest, projectManifestText(viewOf(ctx)));
  crashPoint('manifest.written');
}
