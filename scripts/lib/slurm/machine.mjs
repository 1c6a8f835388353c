import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

const CGROUPS = '/sys/fs/cgroup';

/** Who runs this, by name: Slurm wants names. */
export function userName() {
  return userInfo().username;
}

/**
 * The kind of memory limits that jobs can have here.
 *
 * @returns {'cgroup/v1' | 'cgroup/v2' | 'none'}
 */
export function memoryLimitsHere() {
  if (existsSync(join(CGROUPS, 'memory/memory.limit_in_bytes'))) {
    return canMakeGroup(join(CGROUPS, 'memory')) ? 'cgroup/v1' : 'none';
  }
  return controllersOf(CGROUPS).includes('memory') && canMakeGroup(CGROUPS) ? 'cgroup/v2' : 'none';
}

function controllersOf(folder) {
  try {
    return readFileSync(join(folder, 'cgroup.controllers'), 'utf8').trim().split(' ');
  } catch {
    return [];
  }
}

function canMakeGroup(parent) {
  const group = join(parent, `autolab-slurm-probe-${process.pid}`);
  try {
    mkdirSync(group);
    rmdirSync(group);
    return true;
  } catch {
    return false;
  }
}

/** Removes what Slurm made in the memory cgroups for nodes of these names. Their processes have ended. */
export function removeGroupsOf(nodes) {
  for (const node of nodes) {
    for (const parent of [join(CGROUPS, 'memory'), CGROUPS]) {
      try {
        removeGroup(join(parent, `slurm_${node}`));
      } catch {
        // There is none, or a process that will not die sits in it: it costs nothing to leave it.
      }
    }
  }
}

/** A group is removed by rmdir, without its files; groups in it first. */
function removeGroup(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) removeGroup(join(folder, entry.name));
  }
  rmdirSync(folder);
}
