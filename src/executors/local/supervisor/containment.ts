import { join } from 'node:path';
import { oomKills } from '../../../platform/cgroup.ts';
import { type CgroupPlace, cgroupPlace } from '../../../platform/cgroup-place.ts';
import { cgroupName, giveMemory, makeCgroup, moveTo, oomKillsIn, warmUpMoves } from '../../../platform/run-cgroup.ts';
import type { ContainedBy } from '../../../schedulers/local/receipt.ts';

/**
 * What holds the processes of a run together: a cgroup, if one was delegated to us, beside their session and
 * environment. The supervisor and the entrypoint are in two of the cgroups in the delegated one: the kernel gives
 * controllers only to cgroups in one that has no processes itself.
 */
export interface Planned {
  readonly place: CgroupPlace;
  /** The run's, not made yet. */
  readonly folder: string;
  readonly inScope: boolean;
  /** Until then the supervisor may still be moved back to its place. */
  readonly warmedUp: Promise<void>;
}

export interface Containment {
  readonly by: ContainedBy;
  /** The run's cgroup; null if it has none. */
  readonly cgroup: string | null;
  /** Where the supervisor is. */
  readonly home: string | null;
  /** Whether it has a memory controller. */
  readonly memory: boolean;
}

const NO_CGROUP: Containment = { by: 'session and environment', cgroup: null, home: null, memory: false };

/** Null if there is no place for one. `inScope`: the place is a scope that was made for this supervisor. */
export function planCgroup(runId: string, token: string, inScope: boolean): Planned | null {
  const place = cgroupPlace();
  if (place === null) return null;
  const warmedUp = warmUpMoves(place.folder);
  return { place, folder: join(place.folder, cgroupName(runId, token)), inScope, warmedUp };
}

/** Makes the run's cgroup, which is written down already. */
export function makeContainment(planned: Planned | null): Containment {
  if (planned === null) return NO_CGROUP;
  const { place, folder, inScope } = planned;
  const home = emptyPlace(place);
  const memory = home !== null && giveMemory(place.folder);
  if (!makeCgroup(folder)) return NO_CGROUP;
  return { by: inScope ? 'systemd scope' : 'cgroup', cgroup: folder, home: home ?? place.folder, memory };
}

/** Makes room for a memory controller, if nothing is in the place but the supervisor and its driver. */
function emptyPlace({ folder, memory, pids }: CgroupPlace): string | null {
  const ours = [process.pid, process.ppid];
  if (!memory || !pids.every((pid) => ours.includes(pid))) return null;
  const home = join(folder, 'autolab-supervisor');
  makeCgroup(home);
  if (!moveTo(home, process.pid)) return null;
  if (pids.includes(process.ppid)) moveTo(home, process.ppid);
  return home;
}

/** Starts a program in the run's cgroup: a child begins where its parent is. Without a way back there is no cgroup. */
export function startWithin<Started>(
  containment: Containment,
  start: () => Started,
): { readonly started: Started; readonly contained: Containment } {
  const { cgroup, home } = containment;
  if (cgroup === null || home === null || !moveTo(cgroup, process.pid)) {
    return { started: start(), contained: NO_CGROUP };
  }
  const started = start();
  return { started, contained: moveTo(home, process.pid) ? containment : NO_CGROUP };
}

/** Out-of-memory kills so far: of the run's own processes, or of all that share our cgroup. */
export function countOomKills({ cgroup, memory }: Containment): {
  readonly kills: number | null;
  readonly inRun: boolean;
} {
  if (cgroup === null || !memory) return { kills: oomKills(), inRun: false };
  return { kills: oomKillsIn(cgroup) ?? 0, inRun: true };
}
