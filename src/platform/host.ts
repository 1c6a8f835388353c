import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { readLinkOrNull } from './files.ts';
import { sha256 } from './ids.ts';

/** What identifies the same machine, the same boot and the same pid namespace. */
export interface HostIdentity {
  readonly host: string;
  readonly boot_id: string;
  /**
   * Distinguishes machines with the same name; a digest, because the id itself is confidential. Absent if the machine
   * has none.
   */
  readonly machine_id?: string;
  /** `pid:[4026531836]`: two containers on one host share the boot but not the pids. */
  readonly pid_namespace: string;
}

/** Identifies a process even if its pid is reused. */
export interface ProcessIdentity extends HostIdentity {
  readonly pid: number;
  /** Field 22 of /proc/pid/stat: clock ticks since boot. */
  readonly start_time: string;
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return fallback;
  }
}

interface KernelWords {
  readonly machine: string;
  readonly boot: string;
  readonly pidNamespace: string;
}

let kernel: KernelWords | null = null;

/** They stay the same while a process lives, which asks a hundred times. */
function kernelWords(): KernelWords {
  kernel ??= {
    machine: readOr('/etc/machine-id', ''),
    boot: readOr('/proc/sys/kernel/random/boot_id', 'unknown'),
    // Without Linux or /proc, only the host and boot can be compared.
    pidNamespace: readLinkOrNull('/proc/self/ns/pid') ?? 'unknown',
  };
  return kernel;
}

/** Tests pretend to be another host, boot or machine with AUTOLAB_TEST_HOST, AUTOLAB_TEST_BOOT_ID and AUTOLAB_TEST_MACHINE_ID. */
export function hostIdentity(): HostIdentity {
  const { machine: ownMachine, boot, pidNamespace } = kernelWords();
  const machine = process.env['AUTOLAB_TEST_MACHINE_ID'] ?? ownMachine;
  return {
    host: process.env['AUTOLAB_TEST_HOST'] ?? hostname(),
    boot_id: process.env['AUTOLAB_TEST_BOOT_ID'] ?? boot,
    ...(machine === '' ? {} : { machine_id: sha256(`autolab ${machine}`).slice(0, 16) }),
    pid_namespace: pidNamespace,
  };
}

/** The fields of /proc/pid/stat after the command name, which may contain spaces and brackets. */
export function statFields(pid: number): readonly string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .trimEnd()
      .split(' ');
  } catch {
    return null;
  }
}

/** Start time of a live process; null if there is none. A zombie counts as dead: it runs nothing any more. */
export function startTimeOf(pid: number): string | null {
  const fields = statFields(pid);
  if (fields === null || fields[0] === 'Z' || fields[0] === 'X') return null;
  return fields[19] ?? null;
}

export function selfIdentity(): ProcessIdentity {
  return { ...hostIdentity(), pid: process.pid, start_time: startTimeOf(process.pid) ?? 'unknown' };
}

export type Liveness = 'alive' | 'dead' | 'unknown';

/** Whether a process lives, as far as *this* host can prove it; mostly `unknown` from another host or pid namespace. */
export function livenessOf(holder: ProcessIdentity): Liveness {
  const here = hostIdentity();
  if (isOtherContainer(holder, here)) return livenessInContainer(holder, here);
  if (holder.host !== here.host) return 'unknown';
  // Another boot of another machine proves nothing: names such as `localhost` are not unique.
  const known = holder.machine_id !== undefined && here.machine_id !== undefined;
  if (known && holder.machine_id !== here.machine_id) return 'unknown';
  if (holder.boot_id !== here.boot_id) return 'dead';
  return startTimeOf(holder.pid) === holder.start_time ? 'alive' : 'dead';
}

/**
 * The same boot of the same kernel, and another name or other pids: a container. The number of a namespace is given away
 * again once it is gone.
 */
function isOtherContainer(holder: HostIdentity, here: HostIdentity): boolean {
  if (!/^[0-9a-f-]{36}$/.test(holder.boot_id) || holder.boot_id !== here.boot_id) return false;
  return holder.pid_namespace !== here.pid_namespace || holder.host !== here.host;
}

/** The namespace of the first process of a machine, which sees all others (PROC_PID_INIT_INO of Linux). */
const FIRST_NAMESPACE = 'pid:[4026531836]';

/** Only root, outside of all containers, surely sees the processes of another one (`hidepid`). */
function livenessInContainer(holder: ProcessIdentity, here: HostIdentity): Liveness {
  const isInside = holder.pid_namespace.startsWith('pid:') && holder.pid_namespace !== FIRST_NAMESPACE;
  const seesAll = here.pid_namespace === FIRST_NAMESPACE && process.getuid?.() === 0;
  if (!seesAll || !isInside) return 'unknown';
  try {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const pids = pidsOf(pid);
      if (pids.length < 2 || pids.at(-1) !== String(holder.pid)) continue;
      if (readlinkSync(`/proc/${pid}/ns/pid`) !== holder.pid_namespace) continue;
      // It may live; but it has another pid here, so that it can be followed and ended in its container only.
      return startTimeOf(Number(pid)) === holder.start_time ? 'unknown' : 'dead';
    }
    return 'dead';
  } catch {
    // Another user's process, or one that ended meanwhile: nothing is proven.
    return 'unknown';
  }
}

/** A process's pid in each namespace, the innermost last; none if it has ended. */
function pidsOf(pid: string): readonly string[] {
  return /^NSpid:\s+(.*)$/m.exec(readOr(`/proc/${pid}/status`, ''))?.[1]?.split(/\s+/) ?? [];
}

/** Where a process is that cannot be seen from here, for the user. */
export function placeOfHolder(holder: HostIdentity): string {
  return isOtherContainer(holder, hostIdentity())
    ? `in another container of this machine (${holder.host}, ${holder.pid_namespace})`
    : `on ${holder.host}, another host or container`;
}
