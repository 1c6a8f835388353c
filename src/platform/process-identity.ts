import type { ProcessIdentity } from './host.ts';
import type { JsonObject } from './json-object.ts';

/** The process that a file names; null if a part of its identity is missing. Pure. */
export function identityIn(object: JsonObject): ProcessIdentity | null {
  const { host, boot_id, machine_id, pid_namespace, pid, start_time } = object;
  if (typeof host !== 'string' || typeof boot_id !== 'string' || typeof pid_namespace !== 'string') return null;
  if (typeof pid !== 'number' || typeof start_time !== 'string') return null;
  const machine = typeof machine_id === 'string' ? { machine_id } : {};
  return { host, boot_id, ...machine, pid_namespace, pid, start_time };
}
