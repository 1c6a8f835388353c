import { hostIdentity } from '../../platform/host.ts';
import { isCgroupOf } from '../../platform/run-cgroup.ts';
import type { Supervisor } from '../../schedulers/local/receipt.ts';

/** The cgroup that a supervisor made for its run, if it is there still: of this boot, and with the run's name. */
export function leftCgroup(runId: string, supervisor: Pick<Supervisor, 'cgroup' | 'boot_id'> | null): string | null {
  const { cgroup, boot_id: bootId } = supervisor ?? {};
  if (cgroup === undefined || bootId !== hostIdentity().boot_id) return null;
  return isCgroupOf(runId, cgroup) ? cgroup : null;
}
