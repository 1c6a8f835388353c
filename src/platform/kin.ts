import type { Seen } from './process-look.ts';

/**
 * Which processes belong to a run, look by look. Pure. A process belongs to it if it has the run's mark in its
 * environment, if its parent does, if it is in a session or the cgroup of the run, or if it did so when it was seen before.
 */

export interface Kin {
  /** Those seen at the last look: pid to start time. */
  readonly processes: ReadonlyMap<number, string>;
  /** Sessions that processes of the run have begun, by the pid of the process that began them. */
  readonly sessions: ReadonlySet<number>;
  /** When the last look was, in milliseconds of a monotonic clock. */
  readonly at: number;
}

export interface KinNews {
  readonly seen: readonly Seen[];
  readonly at: number;
  /** Never members: who looks. */
  readonly spare: readonly number[];
  /** Those in the run's cgroup. */
  readonly contained?: readonly number[];
}

/** After that time the number of a session that nobody leads may be another's. */
const SESSION_KEPT_MS = 10_000;

/** A run of which one process is known, or none. It leads a session, as the supervisor starts it. */
export function kinOf(leader: { readonly pid: number; readonly startTime: string } | null, at: number): Kin {
  return {
    processes: new Map(leader === null ? [] : [[leader.pid, leader.startTime]]),
    sessions: new Set(leader === null ? [] : [leader.pid]),
    at,
  };
}

export function nextKin(
  kin: Kin,
  { seen, at, spare, contained = [] }: KinNews,
): { readonly kin: Kin; readonly members: readonly Seen[] } {
  const young = seen.filter(({ pid, mark }) => mark !== 'older' && !spare.includes(pid));
  const alive = new Set(seen.map(({ pid }) => pid));
  const isMember = ({ pid, startTime, mark }: Seen): boolean =>
    mark === 'yes' || contained.includes(pid) || kin.processes.get(pid) === startTime;
  const inside = new Map(young.filter(isMember).map((one) => [one.pid, one]));
  // The number of a session is not given away while it has members: whoever has that pid leads it.
  const isOurs = (session: number): boolean => inside.has(session) || (session !== 0 && !alive.has(session));
  const sessions = new Set(at - kin.at > SESSION_KEPT_MS ? [] : [...kin.sessions].filter(isOurs));
  for (let before = -1; before !== inside.size;) {
    before = inside.size;
    for (const { session } of inside.values()) if (isOurs(session)) sessions.add(session);
    for (const one of young) if (sessions.has(one.session) || inside.has(one.parent)) inside.set(one.pid, one);
  }
  const members = [...inside.values()];
  const kept = new Set(members.map(({ session }) => session));
  return {
    kin: {
      processes: new Map(members.map(({ pid, startTime }) => [pid, startTime])),
      sessions: new Set([...sessions].filter((session) => kept.has(session))),
      at,
    },
    members,
  };
}
