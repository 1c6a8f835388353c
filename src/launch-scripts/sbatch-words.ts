/**
 * Values on `#SBATCH` lines, by sbatch's own syntax: spaces separate, single or double quotes join, a backslash takes
 * the next character literally (inside either quote, too), and a `#` outside quotes begins a comment. Source:
 * sbatch(1); the reader of batch scripts in Slurm's src/sbatch. Pure.
 */

const PLAIN = /^[A-Za-z0-9_@%+=:,./&|*()[\]-]+$/;

/** A value for an `#SBATCH` line. It must not contain control characters: the design's reader rejects them. */
export function sbatchQuote(value: string): string {
  if (PLAIN.test(value)) return value;
  return `"${value.replaceAll(/["\\]/g, '\\$&')}"`;
}

export type SlurmPattern =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string };

/**
 * A path as `--output` takes it literally: Slurm fills in `%j` and the like, and a backslash switches that off in the
 * whole path, including the folder that is put before a relative path: only an absolute path can be made safe.
 */
export function slurmPattern(path: string): SlurmPattern {
  if (path.includes('\\')) {
    const message = 'contains a backslash, and Slurm would then not put the job id into the names of the log files';
    return { ok: false, message };
  }
  if (/[\u0000-\u001f\u007f]/.test(path))
    return { ok: false, message: 'contains a control character, which Slurm does not take in a path' };
  return { ok: true, text: path.replaceAll('%', '%%') };
}
