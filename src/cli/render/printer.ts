import type { LaunchEvent } from '../../events/events.ts';

/** Progress: a live list on a terminal, a line an event elsewhere, nothing where nobody wants it. All on stderr. */
export interface EventPrinter {
  readonly show: (event: LaunchEvent) => void;
  readonly end: () => void;
}
