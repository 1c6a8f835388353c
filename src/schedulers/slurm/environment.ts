import type { EnvironmentChange } from '../../platform/environment.ts';

/**
 * The environment for Slurm's commands, wherever they are run. Pure. Source: sbatch(1), squeue(1), sacct(1), scancel(1),
 * scontrol(1), section "INPUT ENVIRONMENT VARIABLES".
 */

/**
 * For the clients that are read: their own variables win over options (SQUEUE_STATES hides jobs, SCANCEL_STATE keeps a
 * cancel from them), so they are removed. SLURM_CONF stays: it names the cluster.
 */
export const CLIENT_ENVIRONMENT: EnvironmentChange = {
  drop: ['SBATCH_', 'SQUEUE_', 'SACCT_', 'SCANCEL_', 'SCONTROL_', 'SINFO_', 'SLURM_'],
  keep: ['SLURM_CONF'],
  // sacct writes times without a zone whatever SLURM_TIME_FORMAT says (22.05): so that they are UTC, TZ is.
  set: { LC_ALL: 'C', TZ: 'UTC0', SLURM_TIME_FORMAT: '%Y-%m-%dT%H:%M:%S%z' },
};

/** Names only, for the record: what is removed for the clients. */
export function removedFrom(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { drop, keep } = CLIENT_ENVIRONMENT;
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && !keep.includes(name) && drop.some((prefix) => name.startsWith(prefix)))
    .sort();
}

/**
 * For `sbatch`: the job inherits all of its environment (`--export=ALL`). So what changes the meaning of sbatch's own words
 * goes (SBATCH_TIMELIMIT overrides `#SBATCH --time`), and everything that the user has set for programs, Slurm's time
 * format and the language included, stays.
 */
export function submitEnvironment(set: Readonly<Record<string, string>>): EnvironmentChange {
  return { drop: ['SBATCH_', 'SLURM_'], keep: ['SLURM_CONF', 'SLURM_TIME_FORMAT'], set };
}
