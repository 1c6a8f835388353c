/** Values as Slurm's commands print them. Pure. */

/**
 * `2026-11-24T10:54:28+0000` (squeue and scontrol, by our SLURM_TIME_FORMAT), `2026-11-24T10:54:28` (sacct, in UTC
 * because autolab sets TZ) → RFC 3339 in UTC. Returns null for `Unknown`, `None`, `N/A`.
 */
export function readTime(text: string): string | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
  if (match === null) return null;
  const zone = (match[2] ?? 'Z').replace(/^([+-]\d\d):?(\d\d)$/, '$1:$2');
  const at = Date.parse(`${match[1] ?? ''}${zone}`);
  return Number.isNaN(at) ? null : new Date(at).toISOString();
}

/**
 * `[D-]HH:MM:SS[.mmm]`, `MM:SS[.mmm]` → seconds. Returns null for an empty field, `UNLIMITED`, `Partition_Limit`,
 * `INVALID`.
 */
export function readSeconds(text: string): number | null {
  const match = /^(?:(?:(\d+)-)?(\d+):)?(\d+):(\d+(?:\.\d+)?)$/.exec(text.trim());
  if (match === null) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part || 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

const FACTORS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40, P: 2 ** 50 };

export interface Memory {
  readonly bytes: number;
  /** `4Gn` is per node, `2000Mc` per processor (up to 20.11); null if the value does not say. */
  readonly per: 'node' | 'cpu' | null;
}

/** `123K`, `1.50M`, `4G`, `4Gn`, `2000Mc`. Returns null for an empty field, and for 0: nothing was measured. */
export function readMemoryBytes(text: string): Memory | null {
  const match = /^(\d+(?:\.\d+)?)([KMGTP]?)([nc]?)$/.exec(text.trim());
  if (match === null) return null;
  const bytes = Math.round(Number(match[1]) * (FACTORS[match[2] ?? ''] ?? 1));
  if (bytes === 0) return null;
  return { bytes, per: match[3] === 'n' ? 'node' : match[3] === 'c' ? 'cpu' : null };
}

/** `code:signal`. Returns null if it has another form. */
export function readExitCode(text: string): { readonly code: number; readonly signal: number } | null {
  const match = /^(\d{1,10}):(\d{1,10})$/.exec(text.trim());
  return match === null ? null : { code: Number(match[1]), signal: Number(match[2]) };
}
