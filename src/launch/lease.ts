import { join } from 'node:path';
import { crashPoint } from '../platform/crash-points.ts';
import {
  ageMs,
  createExclusive,
  listNames,
  readTextOrNull,
  removeIfThere,
  touch,
  writeFileAtomic,
} from '../platform/files.ts';
import { livenessOf, selfIdentity, type Liveness, type ProcessIdentity } from '../platform/host.ts';
import { newToken } from '../platform/ids.ts';
import { now } from '../platform/time.ts';
import { canonicalFile } from '../records/canonical.ts';

/**
 * The lease: one driver at a time. A series of files `driver.lock.<epoch>`; the next epoch is made with link(2), the
 * highest one rules, and it is read again before every effect. A holder that ends says so in its file; a holder that
 * died is taken over only by a host that can prove it.
 */

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
}

export interface LeaseHolder {
  readonly record: LeaseRecord;
  readonly liveness: Liveness;
  readonly heartbeatAgeMs: number | null;
}

/** Thrown by `assertHeld`: the driver that gets it must stop without another effect. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
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
    .filter((name) => /^driver\.lock\.\d+$/.test(name))
    .map((name) => Number(name.slice(PREFIX.length)))
    .sort((a, b) => a - b);
}

function pathOf(folder: string, epoch: number): string {
  return join(folder, `${PREFIX}${String(epoch)}`);
}

function readRecord(folder: string, epoch: number): LeaseRecord | null {
  try {
    const value = JSON.parse(readTextOrNull(pathOf(folder, epoch)) ?? 'null') as LeaseRecord | null;
    return value !== null && typeof value === 'object' && typeof value.pid === 'number' ? value : null;
  } catch {
    return null;
  }
}

/** Who holds the lease now; null where nobody does. An unreadable record cannot speak for anybody alive: it is written whole or not at all. */
export function leaseHolder(root: string): LeaseHolder | null {
  const folder = join(root, '.autolab');
  const latest = epochs(folder).at(-1);
  if (latest === undefined) return null;
  const record = readRecord(folder, latest);
  if (record === null || record.released) return null;
  return { record, liveness: livenessOf(record), heartbeatAgeMs: ageMs(pathOf(folder, latest), Date.parse(now())) };
}

/** Takes the lease if nobody holds it, or if its holder is provably dead. Never waits. */
export function takeLease(root: string, command: string, force = false): LeaseAttempt {
  const folder = join(root, '.autolab');
  const holder = leaseHolder(root);
  if (holder !== null && holder.liveness !== 'dead' && !force) return { ok: false, holder };
  const epoch = (epochs(folder).at(-1) ?? 0) + 1;
  const record: LeaseRecord = {
    ...selfIdentity(),
    epoch,
    token: newToken(),
    taken_at: now(),
    command,
    released: false,
  };
  const path = pathOf(folder, epoch);
  if (!createExclusive(path, canonicalFile(record))) return { ok: false, holder: leaseHolder(root) };
  crashPoint('lease.taken');
  // Between our listing and our link, others may have made and cleared later epochs; then ours is history.
  if (epochs(folder).at(-1) !== epoch) {
    removeIfThere(path);
    return { ok: false, holder: leaseHolder(root) };
  }
  for (const older of epochs(folder)) if (older < epoch) removeIfThere(pathOf(folder, older));
  return { ok: true, lease: hold(folder, path, record) };
}

function hold(folder: string, path: string, record: LeaseRecord): Lease {
  const heartbeat = setInterval(() => {
    touch(path, Date.parse(now()));
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const isOurs = (): boolean =>
    epochs(folder).at(-1) === record.epoch && readRecord(folder, record.epoch)?.token === record.token;
  return {
    epoch: record.epoch,
    token: record.token,
    assertHeld: () => {
      if (!isOurs()) throw new LeaseLost(`the lease of epoch ${String(record.epoch)} was taken over`);
    },
    release: () => {
      clearInterval(heartbeat);
      if (isOurs()) writeFileAtomic(path, canonicalFile({ ...record, released: true }));
    },
  };
}
