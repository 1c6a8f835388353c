import type { EnvironmentChange } from '../../platform/environment.ts';

/**
 * The environment for Slurm's commands on any host. Pure. Source: sbatch(1), squeue(1), sacct(1), scancel(1),
 * scontrol(1), srun(1), section "INPUT ENVIRONMENT VARIABLES".
 */

/** These say which cluster is asked and by whom, never what is asked. */
const KEPT = ['SLURM_CONF', 'SLURM_CONF_SERVER', 'SLURM_JWT'];

/**
 * For the clients whose output is parsed: their variables override options (SQUEUE_STATES hides jobs, SCANCEL_STATE
 * protects them from a cancel), so they are removed.
 */
export const CLIENT_ENVIRONMENT: EnvironmentChange = {
  drop: ['SBATCH_', 'SRUN_', 'SALLOC_', 'SQUEUE_', 'SACCT_', 'SCANCEL_', 'SCONTROL_', 'SINFO_', 'SLURM_'],
  keep: KEPT,
  // sacct prints times without a zone whatever SLURM_TIME_FORMAT says (22.05): TZ makes them UTC.
  // A list of an array's indices is cut off otherwise.
  set: { LC_ALL: 'C', TZ: 'UTC0', SLURM_TIME_FORMAT: '%Y-%m-%dT%H:%M:%S%z', SLURM_BITSTR_LEN: '0' },
};

/** The names that are removed for the clients, for the record. */
export function removedFrom(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { drop, keep } = CLIENT_ENVIRONMENT;
  return Object.keys(env)
    .filter((name) => env[name] !== undefined && !keep.includes(name) && drop.some((prefix) => name.startsWith(prefix)))
    .sort();
}

/**
 * For `sbatch`: the job inherits its whole environment (`--export=ALL`). Variables that change the meaning of sbatch's
 * options are removed (SBATCH_TIMELIMIT overrides `#SBATCH --time`), and so are those that would change the `srun`
 * inside the job (SRUN_CPUS_PER_TASK, SLURM_NTASKS of an salloc shell). Variables for programs stay, including Slurm's
 * time format and the language, and so does what the activation sets in the job.
 */
export function submitEnvironment(set: Readonly<Record<string, string>>): EnvironmentChange {
  return { drop: ['SBATCH_', 'SRUN_', 'SALLOC_', 'SLURM_'], keep: [...KEPT, 'SLURM_TIME_FORMAT'], set };
}
