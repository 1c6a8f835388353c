import { hash, randomBytes } from 'node:crypto';

/** 16 random bytes as hex: proves which process made a claim or a lease. */
export function newToken(): string {
  return randomBytes(16).toString('hex');
}

/** `20261124T031500Z_3fa9c1`: sorts by time, unlikely to collide; a claim settles a collision. */
export function newRunId(at: string): string {
  const compact = at.replaceAll(/[-:]/g, '').replace(/\.\d+Z$/, 'Z');
  return `${compact}_${randomBytes(3).toString('hex')}`;
}

export function sha256(data: string | Uint8Array): string {
  return hash('sha256', data);
}
