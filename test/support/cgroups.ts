import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder, write } from './project.ts';

/** Cgroups for tests: test/fakes/cgroup/SPEC.md. */

/** Where version 2 is mounted, if we may make cgroups there; null otherwise. */
function mountedRoot(): string | null {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((one) => one.includes(' - cgroup2 '));
  return line?.split(' ')[4] ?? null;
}

let made = 0;

/** A real one without processes; removed after the test. Null if there is none to be had. */
export function realCgroup(): string | null {
  const root = mountedRoot();
  made += 1;
  const folder = join(root ?? '', `autolab-test-${process.pid}-${made}`);
  if (root === null) return null;
  try {
    mkdirSync(folder);
  } catch {
    return null;
  }
  onTestFinished(() => {
    for (const name of cgroupsIn(folder)) rmdirSync(join(folder, name));
    rmdirSync(folder);
  });
  return folder;
}

/** Whether `realCgroup` would give one. */
export function hasRealCgroup(): boolean {
  const root = mountedRoot();
  const folder = join(root ?? '', `autolab-test-${process.pid}-probe`);
  try {
    mkdirSync(folder);
    rmdirSync(folder);
    return root !== null && existsSync(join(root, 'cgroup.procs'));
  } catch {
    return false;
  }
}

/** A plain folder that says it has a memory controller. */
export function fakeCgroup(): string {
  const folder = temporaryFolder();
  write(folder, 'cgroup.controllers', 'cpu memory pids\n');
  write(folder, 'cgroup.subtree_control', '');
  return folder;
}

export function cgroupsIn(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
}
