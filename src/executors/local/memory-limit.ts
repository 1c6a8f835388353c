import { cgroupPlace } from '../../platform/cgroup-place.ts';
import { canMakeScope } from '../../platform/user-scope.ts';
import type { Design } from '../../project/design.ts';
import type { LaunchConfig } from '../../project/launch-config.ts';
import type { Objection } from '../../run/objection.ts';

/** Whether the kernel is asked to keep the run's memory limit: the settings want it, and the design has one. */
export function isMemoryEnforced({ local }: LaunchConfig, { compute }: Design): boolean {
  return local.enforce_memory && compute.memory !== null;
}

/** Why it cannot be had on this host. Before the claim: a run without its limit is not what was asked for. */
export function memoryObjections(config: LaunchConfig, design: Design): readonly Objection[] {
  if (!isMemoryEnforced(config, design) || isMemoryHad() || canMakeScope()) return [];
  return [
    {
      code: 'host.memory_not_enforceable',
      message:
        'The memory limit cannot be enforced here (local.enforce_memory): no cgroup with a memory controller is to be had.',
    },
  ];
}

/** In our own cgroup, if nothing else is in it. */
export function isMemoryHad(): boolean {
  const place = cgroupPlace();
  return place !== null && place.memory && place.pids.every((pid) => pid === process.pid);
}
