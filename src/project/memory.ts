/**
 * Amounts of memory as Slurm reads them (sbatch(1), `--mem`; tried on 22.05, checked in the sources up to 24.11). Pure.
 */

const MEBIBYTES: Readonly<Record<string, number>> = { K: 1 / 1024, M: 1, G: 1024, T: 1024 * 1024 };
const MOST_MEBIBYTES = 1024 * 1024 * 1024;

export type MemoryReading =
  { readonly ok: true; readonly megabytes: number } | { readonly ok: false; readonly message: string };

/**
 * `4000` (MB), `4000M`, `4G`, `4GB`, `1t`, `512K` → whole megabytes as Slurm counts them (1024 × 1024 bytes), rounded
 * up. The meaning of 0 depends on the option: the caller decides.
 */
export function readMemory(text: string): MemoryReading {
  const match = /^(\d{1,12})(?:([KMGT])B?)?$/i.exec(text);
  if (match === null) return { ok: false, message: adviceFor(text) };
  const megabytes = Math.ceil(Number(match[1]) * (MEBIBYTES[(match[2] ?? 'M').toUpperCase()] ?? 1));
  if (megabytes > MOST_MEBIBYTES) return { ok: false, message: 'is more than any machine has' };
  return { ok: true, megabytes };
}

function adviceFor(text: string): string {
  const longer = /^(\d+)\s*([KMGT])i?B?$/i.exec(text.trim());
  if (longer !== null)
    return `is not how Slurm writes memory; write "${longer[1] ?? ''}${(longer[2] ?? '').toUpperCase()}"`;
  const fraction = /^(\d+\.\d+)\s*([MGT])i?B?$/i.exec(text.trim());
  if (fraction !== null) {
    const megabytes = Math.ceil(Number(fraction[1]) * (MEBIBYTES[(fraction[2] ?? '').toUpperCase()] ?? 1));
    return `must be a whole number; write "${megabytes}M"`;
  }
  return 'is not an amount of memory; write a whole number with K, M, G or T, such as "4G"';
}
