import type { Seen } from './process-look.ts';

/**
 * Processes of the host that are not the run's, remembered from glance to glance, so that a glance reads only the files
 * of the run's own and of new ones. A process that is not the run's never joins it: the run grows by forks. Pure.
 */

export interface Strangers {
  readonly processes: ReadonlyMap<number, Seen>;
  readonly as: Glance;
}

export interface Glance {
  /** The pid that the kernel gave last before the glance; null if it does not say. */
  readonly newest: number | null;
  /** In milliseconds of a monotonic clock. */
  readonly at: number;
}

/** In a shorter time the kernel does not give all pids once, and comes back to the same number. */
const KNOWN_MS = 8_000;

export const NO_STRANGERS: Strangers = { processes: new Map(), as: { newest: null, at: 0 } };

/** Those that need not be looked at again: all whose pid was not given to another process since. */
export function knownStrangers({ processes, as }: Strangers, { newest, at }: Glance): ReadonlyMap<number, Seen> {
  const { newest: before } = as;
  if (before === null || newest === null || newest < before || at - as.at > KNOWN_MS) return NO_STRANGERS.processes;
  return newest === before ? processes : new Map([...processes].filter(([pid]) => pid <= before || pid > newest));
}

/** One that is becoming another program may turn out to be the run's. */
export function strangersIn(seen: readonly Seen[], members: readonly Seen[], as: Glance): Strangers {
  const ours = new Set(members.map(({ pid }) => pid));
  const others = seen.filter(({ pid, mark }) => !ours.has(pid) && mark !== 'becoming');
  return { processes: new Map(others.map((one) => [one.pid, one])), as };
}
