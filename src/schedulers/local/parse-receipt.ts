import { numberOrNull, parseObject, textOrNull } from '../../platform/json-object.ts';
import { identityIn } from '../../platform/process-identity.ts';
import { CONTAINED_BY, type EndedBy, type Exit, type Order, type RunClaim, type Started } from './receipt.ts';

/**
 * Reads the files in `receipt/`. Returns null also if a file is not a receipt: the supervisor writes receipts whole or
 * not at all, so the entrypoint wrote it, and the supervisor's own last act replaces it. Pure.
 */
export function parseExit(text: string | null): Exit | null {
  const fields = parseObject(text);
  if (fields === null) return null;
  const ended_at = textOrNull(fields['ended_at']);
  const wall_seconds = numberOrNull(fields['wall_seconds']);
  const cpu_seconds = numberOrNull(fields['cpu_seconds']);
  const max_rss_bytes = numberOrNull(fields['max_rss_bytes']);
  const samples = numberOrNull(fields['samples']);
  if (ended_at === null || wall_seconds === null || cpu_seconds === null) return null;
  if (max_rss_bytes === null || samples === null) return null;
  const usage = { wall_seconds, cpu_seconds, max_rss_bytes, samples };
  const exitsSha256 = exitsDigest(fields['tasks']);
  return {
    pid: numberOrNull(fields['pid']),
    exit_code: numberOrNull(fields['exit_code']),
    signal: textOrNull(fields['signal']),
    ended_by: endedBy(fields['ended_by']),
    start_error: textOrNull(fields['start_error']),
    started_at: textOrNull(fields['started_at']),
    ended_at,
    ...usage,
    usage_source: textOrNull(fields['usage_source']) ?? 'unknown',
    oom_kills: numberOrNull(fields['oom_kills']),
    oom_in_run: fields['oom_in_run'] === true,
    contained_by: CONTAINED_BY.find((by) => by === fields['contained_by']) ?? 'session and environment',
    memory_limit_bytes: numberOrNull(fields['memory_limit_bytes']),
    leftovers_ended: textsOf(fields['leftovers_ended']),
    survivors: textsOf(fields['survivors']),
    others_hidden: fields['others_hidden'] === true,
    ...(fields['entrypoint_began'] === true ? { entrypoint_began: true as const } : {}),
    ...(exitsSha256 === null ? {} : { tasks: { exits_sha256: exitsSha256 } }),
  };
}

/** If the entrypoint overwrote the file, its time may be missing. */
export type SeenStart = Omit<Started, 'started_at'> & { readonly started_at: string | null };

export function parseStarted(text: string | null): SeenStart | null {
  const fields = parseObject(text);
  const pid = numberOrNull(fields?.['pid']);
  const start_time = textOrNull(fields?.['start_time']);
  if (pid === null || start_time === null) return null;
  return { pid, start_time, started_at: textOrNull(fields?.['started_at']) };
}

export function parseRunClaim(text: string | null): RunClaim | null {
  const object = parseObject(text);
  const process = object === null ? null : identityIn(object);
  const { kind, claimed_at, token } = object ?? {};
  if (process === null || typeof claimed_at !== 'string') return null;
  if (kind !== 'supervisor' && kind !== 'tombstone') return null;
  const cgroup = textOrNull(object?.['cgroup']);
  return { kind, ...process, claimed_at, token: textOrNull(token) ?? '', ...(cgroup === null ? {} : { cgroup }) };
}

/** The folder that the supervisor and the entrypoint were given, and the grace; null if the order does not say it. */
export function parseOrder(
  text: string | null,
): (Pick<Order, 'run_dir'> & { readonly grace_seconds: number | null }) | null {
  const fields = parseObject(text);
  const run_dir = textOrNull(fields?.['run_dir']);
  return run_dir === null ? null : { run_dir, grace_seconds: numberOrNull(fields?.['grace_seconds']) };
}

function exitsDigest(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !('exits_sha256' in value)) return null;
  return textOrNull(value.exits_sha256);
}

function endedBy(value: unknown): EndedBy {
  return value === 'time_limit' || value === 'request' ? value : null;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
