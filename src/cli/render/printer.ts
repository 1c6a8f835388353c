import type { LaunchEvent } from '../../events/events.ts';

/** Progress: a live list on a terminal, a line for each event elsewhere, nothing with `--quiet`. All on stderr. */
export interface EventPrinter {
  readonly show: (event: LaunchEvent) => void;
  readonly end: () => void;
}
