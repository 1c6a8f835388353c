import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Where this process may make cgroups (version 2): in its own one, if that was delegated to the user. Each part of the
 * tree has one manager (cgroups(7), "Delegation"; systemd.io/CGROUP_DELEGATION), so nothing of ours goes where another
 * one's processes are.
 */
export interface CgroupPlace {
  /** The cgroup of this process, where others are made. */
  readonly folder: string;
  /** Whether it has the memory controller to give. */
  readonly memory: boolean;
  /** Processes in it. While there are any, no controller can be given to the cgroups in it. */
  readonly pids: readonly number[];
}

interface Facts {
  readonly user: number;
  readonly owner: number;
  readonly isWritable: boolean;
  /** The root of the whole hierarchy has no `cgroup.type`. */
  readonly hasType: boolean;
  /** It is the root of a cgroup namespace, or of the hierarchy. */
  readonly isRoot: boolean;
}

/**
 * Whether the cgroup was delegated to the user. Pure. An ordinary user owns what was delegated. Root owns everything, so
 * for root only the cgroup of a container of its own is: on a plain machine the tree is systemd's.
 */
export function isDelegated({ user, owner, isWritable, hasType, isRoot }: Facts): boolean {
  if (owner !== user || !isWritable || !hasType) return false;
  return user !== 0 || isRoot;
}

/** Null if there is none. */
export function cgroupPlace(): CgroupPlace | null {
  const test = process.env['AUTOLAB_TEST_CGROUP'];
  const folder = test ?? delegatedFolder();
  if (folder === null) return null;
  const memory = (readOrNull(join(folder, 'cgroup.controllers')) ?? '').trim().split(' ').includes('memory');
  return { folder, memory, pids: test === undefined ? pidsIn(folder) : [] };
}

function delegatedFolder(): string | null {
  const user = process.geteuid?.();
  const path = ownPath(readOrNull('/proc/self/cgroup') ?? '');
  const folder = path === null ? null : folderOf(path, readOrNull('/proc/self/mountinfo') ?? '');
  if (user === undefined || path === null || folder === null) return null;
  const owner = ownerOf(folder);
  const files = ['', 'cgroup.procs', 'cgroup.subtree_control'].map((name) => join(folder, name));
  const isWritable = files.every((file) => isWritableFile(file));
  const hasType = readOrNull(join(folder, 'cgroup.type')) !== null;
  return isDelegated({ user, owner, isWritable, hasType, isRoot: path === '/' }) ? folder : null;
}

/** The cgroup of this process: the line `0::PATH` of /proc/self/cgroup. Null outside the namespace. Pure. */
export function ownPath(text: string): string | null {
  const path = text
    .split('\n')
    .find((line) => line.startsWith('0::'))
    ?.slice(3);
  return path === undefined || !path.startsWith('/') || path.startsWith('/..') ? null : path;
}

/** The folder of a cgroup, by /proc/self/mountinfo; null if it is mounted nowhere. Pure. */
export function folderOf(path: string, mounts: string): string | null {
  for (const line of mounts.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , root = '', point = ''] = before.split(' ').map(unescaped);
    if (after.split(' ')[0] !== 'cgroup2') continue;
    if (root === '/') return join(point, path);
    if (path === root || path.startsWith(`${root}/`)) return join(point, path.slice(root.length));
  }
  return null;
}

/** proc_pid_mountinfo(5) writes a space as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/** The cgroup whose number of processes is asked for may have some that are not in our pid namespace: they are 0. */
export function pidsIn(folder: string): readonly number[] {
  return (readOrNull(join(folder, 'cgroup.procs')) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

function ownerOf(path: string): number {
  try {
    return statSync(path).uid;
  } catch {
    return -1;
  }
}

function isWritableFile(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
