/**
 * The environment for Slurm's client commands: their own variables win over scripts and options (SBATCH_TIMELIMIT
 * overrides `#SBATCH --time`, SQUEUE_STATES hides jobs), so they are removed. SLURM_CONF stays: it names the cluster.
 * Pure. Source: sbatch(1), squeue(1), sacct(1), section "INPUT ENVIRONMENT VARIABLES".
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
    if (/^(SBATCH|SQUEUE|SACCT|SINFO|SLURM)_/.test(name) && name !== 'SLURM_CONF') removed.push(name);
    else kept[name] = value;
  }
  return { env: { ...kept, LC_ALL: 'C', SLURM_TIME_FORMAT: '%Y-%m-%dT%H:%M:%S%z' }, removed: removed.sort() };
}
