import { dirname, join } from 'node:path';
import { LeaseLost } from '../errors/failure.ts';
import { crashPoint } from '../platform/crash-points.ts';
import { ageMs, fileClockMs, touch } from '../platform/file-clock.ts';
import {
  createExclusive,
  listNames,
  lstatOrNull,
  readTextOrNull,
  realPathOr,
  removeIfThere,
  writeFileAtomic,
} from '../platform/files.ts';
import { type Liveness, livenessOf, type ProcessIdentity, selfIdentity } from '../platform/host.ts';
import { newToken } from '../platform/ids.ts';
import { heldFolder, inodeOf } from '../platform/inode.ts';
import { now } from '../platform/time.ts';
import { canonicalFile } from '../records/canonical.ts';

/**
 * The lease: one driver at a time. A series of files `driver.lock.<epoch>`; the next epoch is made with link(2), the
 * highest one rules, and it is read again before every effect. A holder that ends says so in its file; a holder that
 * died is taken over only by a host that can prove it.
 */

const FOLDER = '.autolab';
const PREFIX = 'driver.lock.';
const HEARTBEAT_MS = 5_000;
/** A heartbeat younger than this is a sign of life: `unlock` refuses. */
export const FRESH_MS = 60_000;

export interface LeaseRecord extends ProcessIdentity {
  readonly epoch: number;
  readonly token: string;
  readonly taken_at: string;
  readonly command: string;
  readonly released: boolean;
  /** The project's folder, without links: a copy of it has a copy of the lease. Left out by older versions. */
  readonly project?: string;
}

export interface LeaseHolder {
  readonly record: LeaseRecord;
  readonly liveness: Liveness;
  readonly heartbeatAgeMs: number | null;
}

export interface Lease {
  readonly epoch: number;
  readonly token: string;
  readonly assertHeld: () => void;
  readonly release: () => void;
}

export type LeaseAttempt =
  { readonly ok: true; readonly lease: Lease } | { readonly ok: false; readonly holder: LeaseHolder | null };

function epochs(folder: string): readonly number[] {
  return listNames(folder)
    .filter((name) => /^driver\.lock\.[1-9]\d{0,14}$/.test(name))
    .map((name) => Number(name.slice(PREFIX.length)))
    .sort((a, b) => a - b);
}

function pathOf(folder: string, epoch: number): string {
  return join(folder, `${PREFIX}${epoch}`);
}

const TEXTS = ['host', 'boot_id', 'pid_namespace', 'start_time', 'token', 'taken_at', 'command'];

function parseRecord(text: string): LeaseRecord | null {
  try {
    const value = JSON.parse(text) as LeaseRecord | null;
    if (value === null || typeof value !== 'object' || typeof value.pid !== 'number') return null;
    const fields: Readonly<Record<string, unknown>> = { ...value };
    return TEXTS.every((name) => typeof fields[name] === 'string') ? value : null;
  } catch {
    return null;
  }
}

/** One look at the series. A decision from it makes exactly the next epoch, so it fails if the look is out of date. */
interface Look {
  /** The highest epoch; 0 if there is none. */
  readonly latest: number;
  readonly holder: LeaseHolder | null;
}

/** Returns null if the highest epoch was removed between listing and reading: another driver took a later one. */
function look(folder: string): Look | null {
  const latest = epochs(folder).at(-1);
  if (latest === undefined) return { latest: 0, holder: null };
  const path = pathOf(folder, latest);
  const text = readTextOrNull(path);
  // A link that leads nowhere counts, too.
  if (text === null && lstatOrNull(path) === null) return null;
  // An unreadable record is not a living driver's: records are written whole or not at all.
  const record = parseRecord(text ?? '');
  if (record === null || record.released || isCopy(folder, latest, record)) return { latest, holder: null };
  return {
    latest,
    holder: { record, liveness: livenessOf(record), heartbeatAgeMs: heartbeatAge(path, Date.parse(now())) },
  };
}

/** The project was copied while its driver held it: it still holds the original, and nothing here. */
function isCopy(folder: string, epoch: number, { project, token }: LeaseRecord): boolean {
  if (project === undefined) return false;
  const original = join(project, FOLDER);
  if (inodeOf(original) === inodeOf(folder)) return false;
  return parseRecord(readTextOrNull(pathOf(original, epoch)) ?? '')?.token === token;
}

/** A heartbeat cannot be younger than now; a clock that says so is wrong. */
function heartbeatAge(path: string, clockMs: number): number | null {
  const age = ageMs(path, clockMs);
  return age === null ? null : Math.max(0, age);
}

/** Who holds the lease now; null if it is free. */
export function leaseHolder(root: string): LeaseHolder | null {
  const folder = join(root, FOLDER);
  for (;;) {
    const seen = look(folder);
    if (seen !== null) return seen.holder;
  }
}

/**
 * As above, for a decision: if this host cannot tell whether the holder lives, the age of its heartbeat is by the clock
 * that stamped it. Two hosts may disagree about the time.
 */
export function judgedHolder(root: string): LeaseHolder | null {
  const holder = leaseHolder(root);
  if (holder?.liveness !== 'unknown') return holder;
  const folder = join(root, FOLDER);
  const clockMs = fileClockMs(folder);
  if (clockMs === null) return holder;
  return { ...holder, heartbeatAgeMs: heartbeatAge(pathOf(folder, holder.record.epoch), clockMs) };
}

/** Takes the lease if it is free, or if its holder is provably dead. Never waits. */
export function takeLease(root: string, command: string, force = false): LeaseAttempt {
  const folder = join(root, FOLDER);
  const seen = look(folder);
  if (seen === null) return { ok: false, holder: leaseHolder(root) };
  if (seen.holder !== null && seen.holder.liveness !== 'dead' && !force) return { ok: false, holder: seen.holder };
  const epoch = seen.latest + 1;
  const record: LeaseRecord = {
    ...selfIdentity(),
    epoch,
    token: newToken(),
    taken_at: now(),
    command,
    released: false,
    project: realPathOr(root),
  };
  const path = pathOf(folder, epoch);
  if (!createExclusive(path, canonicalFile(record))) return { ok: false, holder: leaseHolder(root) };
  crashPoint('lease.taken');
  // Between our look and our link, other drivers may have made and removed later epochs; then ours is void.
  if (epochs(folder).at(-1) !== epoch) {
    removeIfThere(path);
    return { ok: false, holder: leaseHolder(root) };
  }
  for (const older of epochs(folder)) if (older < epoch) removeIfThere(pathOf(folder, older));
  return { ok: true, lease: hold(folder, path, record) };
}

/** Otherwise the lease is free once this process has ended. */
function removeIfPossible(path: string): void {
  try {
    removeIfThere(path);
  } catch {
    // The disk accepts nothing.
  }
}

function hold(folder: string, path: string, record: LeaseRecord): Lease {
  const heartbeat = setInterval(() => {
    touch(path);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  // Held open: some file systems give a folder a new number once no process has it open.
  const here = heldFolder(folder);
  const isOurs = (): boolean =>
    epochs(folder).at(-1) === record.epoch && parseRecord(readTextOrNull(path) ?? '')?.token === record.token;
  return {
    epoch: record.epoch,
    token: record.token,
    assertHeld: () => {
      // A copy in the place of a folder that was moved has the lease, too.
      if (!here.isAt(folder))
        throw new LeaseLost('project.moved', `${dirname(folder)} was moved or removed, or is another folder now`);
      if (isOurs()) return;
      if (epochs(folder).length === 0)
        throw new LeaseLost('project.moved', `${dirname(folder)} was cleared: the lease is gone`);
      throw new LeaseLost('lease.lost', `the lease of epoch ${record.epoch} was taken over`);
    },
    release: () => {
      clearInterval(heartbeat);
      here.close();
      // A full disk: what the call did stands, and a file can be removed.
      try {
        if (isOurs()) writeFileAtomic(path, canonicalFile({ ...record, released: true }));
      } catch {
        removeIfPossible(path);
      }
    },
  };
}
