import type { RunPaths } from '../records/paths.ts';

/**
 * A process of a run that was started while the launch was prepared, and waits for its order. It has begun nothing, and
 * ends with the driver, or when the driver lets go of it.
 */
export interface Ahead {
  /** Absolute, of the run that it was started for. */
  readonly folder: RunPaths['folder'];
  readonly pid: number;
  readonly isWaiting: () => boolean;
  /** Its order is written. */
  readonly begin: () => void;
  /** It ends, if it has not begun. */
  readonly drop: () => void;
}
