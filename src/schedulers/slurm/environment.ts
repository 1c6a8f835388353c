/**
 * The environment for Slurm's client commands: their own variables win over scripts and options (SBATCH_TIMELIMIT
 * overrides `#SBATCH --time`, SQUEUE_STATES hides jobs, SCANCEL_STATE keeps a cancel from them), so they are removed. SLURM_CONF stays: it names the cluster.
 * Pure. Source: sbatch(1), squeue(1), sacct(1), scancel(1), scontrol(1), section "INPUT ENVIRONMENT VARIABLES".
 */
export interface ClientEnvironment {
  readonly env: Readonly<Record<string, string>>;
  /** Names only: what was removed. */
  readonly removed: readonly string[];
}

export function clientEnvironment(env: Readonly<Record<string, string | undefined>>): ClientEnvironment {
  const kept: Record<string, string> = {};
  const removed: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (/^(SBATCH|SQUEUE|SACCT|SCANCEL|SCONTROL|SINFO|SLURM)_/.test(name) && name !== 'SLURM_CONF') removed.push(name);
    else kept[name] = value;
  }
  // sacct writes times without a zone whatever SLURM_TIME_FORMAT says (22.05): so that they are UTC, TZ is.
  const fixed = { LC_ALL: 'C', TZ: 'UTC0', SLURM_TIME_FORMAT: '%Y-%m-%dT%H:%M:%S%z' };
  return { env: { ...kept, ...fixed }, removed: removed.sort() };
}

/**
 * The environment for `sbatch`: the job inherits all of it (`--export=ALL`). So what changes the meaning of sbatch's own
 * words goes, and everything that the user has set for programs, Slurm's time format and the language included, stays.
 */
export function submitEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  extra: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const stays = !/^(SBATCH|SLURM)_/.test(name) || name === 'SLURM_CONF' || name === 'SLURM_TIME_FORMAT';
    if (value !== undefined && stays) kept[name] = value;
  }
  return { ...kept, ...extra };
}
