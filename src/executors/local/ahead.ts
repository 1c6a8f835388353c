import { cgroupPlace } from '../../platform/cgroup-place.ts';
import { canMakeScope } from '../../platform/user-scope.ts';
import { startWaiting } from '../../platform/waiting-program.ts';
import type { RunPaths } from '../../records/paths.ts';
import type { Ahead } from '../../run/ahead.ts';
import { WAITS } from '../../schedulers/local/receipt.ts';
import { isMemoryHad } from './memory-limit.ts';
import { supervisorCommand } from './supervisor-command.ts';

/** A supervisor that starts while the launch is prepared: two processors begin a run sooner than one. */

/**
 * Null if it would have to start in a scope, which is made for a run that is certain, or cannot be started. Also if memory is
 * to be enforced: the gate looks whether the driver is alone in its cgroup.
 */
export function startAhead(root: string, paths: RunPaths, enforced: boolean): Ahead | null {
  if (enforced || needsScope(enforced)) return null;
  const { argv, env } = supervisorCommand(paths, [WAITS]);
  const program = startWaiting(argv, { cwd: root, env });
  return program === null ? null : { ...program, folder: paths.folder };
}

/** Whether a supervisor needs a scope of its own for a cgroup, and may have one. */
export function needsScope(enforced: boolean): boolean {
  const isPlace = enforced ? isMemoryHad() : cgroupPlace() !== null;
  return !isPlace && canMakeScope();
}
