import type { Exit, Order, RunClaim, Started } from './receipt.ts';

/**
 * Reads what stands in `receipt/`. null also where it is no receipt: the supervisor writes them whole or not at all, so
 * anything else was written by the entrypoint, and the supervisor's own last act replaces it. Pure.
 */
export function parseExit(text: string | null): Exit | null {
  const value = parseObject(text);
  const numbers = ['wall_seconds', 'cpu_seconds', 'max_rss_bytes', 'samples'].every(
    (name) => typeof value?.[name] === 'number',
  );
  return value !== null && numbers && typeof value['ended_at'] === 'string' ? (value as unknown as Exit) : null;
}

export function parseStarted(text: string | null): Started | null {
  const value = parseObject(text);
  return typeof value?.['pid'] === 'number' && typeof value['start_time'] === 'string'
    ? (value as unknown as Started)
    : null;
}

export function parseClaim(text: string | null): RunClaim | null {
  const value = parseObject(text);
  const texts = ['host', 'boot_id', 'pid_namespace', 'start_time', 'claimed_at'].every(
    (name) => typeof value?.[name] === 'string',
  );
  const known = value?.['kind'] === 'supervisor' || value?.['kind'] === 'tombstone';
  return value !== null && texts && known && typeof value['pid'] === 'number' ? (value as unknown as RunClaim) : null;
}

/** The folder that the supervisor was told, and the entrypoint with it. */
export function parseOrder(text: string | null): Pick<Order, 'run_dir'> | null {
  const value = parseObject(text);
  return typeof value?.['run_dir'] === 'string' ? { run_dir: value['run_dir'] } : null;
}

function parseObject(text: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
