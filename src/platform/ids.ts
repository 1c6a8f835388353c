import { hash, randomBytes, randomInt } from 'node:crypto';

/** 16 random bytes as hex: proves which process made a claim or a lease. */
export function newToken(): string {
  return randomBytes(16).toString('hex');
}

const SUFFIXES = 0x100_0000;

/**
 * `20261124T031500Z_3fa9c1`: unlikely to collide (a claim settles a collision), and sorts by time: after the ids of the
 * same second among those that there are, so that the last run is the last one by name, too.
 */
export function newRunId(at: string, taken: readonly string[] = []): string {
  const second = `${at.replaceAll(/[-:]/g, '').replace(/\.\d+Z$/, 'Z')}_`;
  const suffixes = taken
    .filter((id) => id.startsWith(second) && /^[0-9a-f]{6}$/.test(id.slice(second.length)))
    .map((id) => Number.parseInt(id.slice(second.length), 16));
  const after = Math.max(-1, ...suffixes) + 1;
  const suffix = randomInt(after < SUFFIXES ? after : 0, SUFFIXES);
  return `${second}${suffix.toString(16).padStart(6, '0')}`;
}

export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data);
}
