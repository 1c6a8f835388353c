import type { Ran } from '../../src/schedulers/slurm/answer.ts';

/** A Slurm command that ended well and said nothing, but for `parts`. */
export function ran(parts: Partial<Ran>): Ran {
  return { exitCode: 0, signal: null, timedOut: false, spawnError: null, stdout: '', stderr: '', ...parts };
}
