import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pidsIn, readOrNull } from './cgroup-place.ts';
import { sleep } from './time.ts';

/** The cgroup (version 2) of one run, by its folder. */

export interface CgroupUsage {
  readonly current: number;
  /** Of `current`: pages of files, which the kernel drops as soon as memory is needed. */
  readonly cache: number;
  /** The most that it had, files included; null before Linux 5.19. */
  readonly peak: number | null;
}

/** Two runs never have the same: the token is random. */
export function cgroupName(runId: string, token: string): string {
  return `autolab-${runId}-${token.slice(0, 16)}`;
}

/** Whether a folder may be the run's: a receipt says which it is, and an entrypoint can write receipts. */
export function isCgroupOf(runId: string, folder: string): boolean {
  return basename(folder).startsWith(`autolab-${runId}-`) && readOrNull(join(folder, 'cgroup.procs')) !== null;
}

/** False also if it is there already. */
export function makeCgroup(folder: string): boolean {
  return attempt(() => {
    mkdirSync(folder);
  });
}

/**
 * The first move for a while takes some ten milliseconds, later ones a tenth of one: the kernel waits until every
 * processor has passed by. A move that changes nothing takes that time before it matters, in the background.
 */
export async function warmUpMoves(folder: string): Promise<void> {
  await writeFile(join(folder, 'cgroup.procs'), String(process.pid)).catch(() => undefined);
}

/** Moves a process with all its threads; its children are born there. */
export function moveTo(folder: string, pid: number): boolean {
  return writeTo(folder, 'cgroup.procs', String(pid));
}

/** Lets the cgroups in this one have a memory controller. The kernel refuses while processes are in this one itself. */
export function giveMemory(folder: string): boolean {
  return writeTo(folder, 'cgroup.subtree_control', '+memory');
}

/** No more than that, no swap, and all of its processes die together: half a run is none. */
export function limitMemory(folder: string, bytes: number): boolean {
  // Without swap there is no such file, and nothing to forbid.
  writeTo(folder, 'memory.swap.max', '0');
  return writeTo(folder, 'memory.oom.group', '1') && writeTo(folder, 'memory.max', String(bytes));
}

/** The same for one task after another: what is killed does not take the process with it that starts them. */
export function limitMemoryOfEach(folder: string, bytes: number): boolean {
  writeTo(folder, 'memory.swap.max', '0');
  return writeTo(folder, 'memory.max', String(bytes));
}

/** Those in the cgroup and in the cgroups within; 0 is one that is not in our pid namespace. */
export function membersOf(folder: string): readonly number[] {
  return [...pidsIn(folder), ...within(folder).flatMap((child) => membersOf(child))];
}

/** Whether a living process is in it, also one that we may not see. */
export function isPopulated(folder: string): boolean {
  return /^populated 1$/m.test(readOrNull(join(folder, 'cgroup.events')) ?? '');
}

/** Kills all that is in it, at once. Before Linux 5.14 it stands still while each is killed. */
export function killCgroup(folder: string, killEach: (pids: readonly number[]) => void): void {
  if (writeTo(folder, 'cgroup.kill', '1')) return;
  writeTo(folder, 'cgroup.freeze', '1');
  killEach(membersOf(folder));
  writeTo(folder, 'cgroup.freeze', '0');
}

/** Null if it has no memory controller. */
export function memoryOf(folder: string): CgroupUsage | null {
  const current = numberIn(folder, 'memory.current');
  if (current === null) return null;
  const stat = readOrNull(join(folder, 'memory.stat')) ?? '';
  const field = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stat)?.[1] ?? 0);
  const cache = field('active_file') + field('inactive_file');
  return { current, cache, peak: numberIn(folder, 'memory.peak') };
}

/** How many of its processes the out-of-memory killer has ended; null if it has no memory controller. */
export function oomKillsIn(folder: string): number | null {
  const match = /^oom_kill (\d+)$/m.exec(readOrNull(join(folder, 'memory.events')) ?? '');
  return match === null ? null : Number(match[1]);
}

/** Removes it with the cgroups within. A process that has just been killed may keep it for a moment. */
export async function removeCgroup(folder: string): Promise<void> {
  for (let tries = 0; tries < 50 && !removeNow(folder); tries += 1) await sleep(20);
}

function removeNow(folder: string): boolean {
  for (const child of within(folder)) removeNow(child);
  return attempt(() => {
    rmdirSync(folder);
  });
}

function within(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(folder, name));
  } catch {
    return [];
  }
}

function numberIn(folder: string, name: string): number | null {
  const text = readOrNull(join(folder, name));
  return text === null || !/^\d+\n?$/.test(text) ? null : Number(text);
}

/** The kernel has made all files that there are, and lets nobody make others. */
function writeTo(folder: string, name: string, text: string): boolean {
  return attempt(() => {
    writeFileSync(join(folder, name), text);
  });
}

function attempt(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}
