import type { EnvironmentChange } from '../../platform/environment.ts';

/**
 * The environment for Slurm's commands, wherever they are run. Pure. Source: sbatch(1), squeue(1), sacct(1), scancel(1),
 * scontrol(1), srun(1), section "INPUT ENVIRONMENT VARIABLES".
 */

/** These say where the cluster is and who asks, and never what is asked. */
const KEPT = ['SLURM_CONF', 'SLURM_CONF_SERVER', 'SLURM_JWT'];

/**
 * For the clients that are read: their own variables win over options (SQUEUE_STATES hides jobs, SCANCEL_STATE keeps a
 * cancel from them), so they are removed.
 */
export const CLIENT_ENVIRONMENT: EnvironmentChange = {
  drop: ['SBATCH_', 'SRUN_', 'SALLOC_', 'SQUEUE_', 'SACCT_', 'SCANCEL_', 'SCONTROL_', 'SINFO_', 'SLURM_'],
  keep: KEPT,
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
 * goes (SBATCH_TIMELIMIT overrides `#SBATCH --time`), and what would change the `srun` inside the job (SRUN_CPUS_PER_TASK,
 * SLURM_NTASKS of an salloc shell). What the user has set for programs, Slurm's time format and the language included,
 * stays; and so does what the activation sets in the job.
 */
export function submitEnvironment(set: Readonly<Record<string, string>>): EnvironmentChange {
  return { drop: ['SBATCH_', 'SRUN_', 'SALLOC_', 'SLURM_'], keep: [...KEPT, 'SLURM_TIME_FORMAT'], set };
}
