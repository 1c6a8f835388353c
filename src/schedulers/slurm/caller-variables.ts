/**
 * What the caller's variables would have asked of sbatch, and the design key for the same request. Pure. Source:
 * sbatch(1) of 20.11 to 24.11, section "INPUT ENVIRONMENT VARIABLES". Names and keys only: a value may be a secret.
 */

export interface UnusedVariable {
  readonly variable: string;
  /** The key of design.yaml with the same effect; null if autolab decides this itself. */
  readonly design_key: string | null;
}

const KEYS: Readonly<Record<string, string>> = {
  SBATCH_ACCOUNT: 'compute.account',
  SBATCH_CLUSTERS: 'compute.cluster',
  SLURM_CLUSTERS: 'compute.cluster',
  SBATCH_CONSTRAINT: 'compute.constraint',
  SBATCH_EXCLUSIVE: 'compute.exclusive',
  SBATCH_GPUS: 'compute.gpu_count',
  SBATCH_GPUS_PER_NODE: 'compute.gpu_count',
  SBATCH_GPUS_PER_SOCKET: 'compute.gpu_count',
  SBATCH_GPUS_PER_TASK: 'compute.gpu_count',
  SBATCH_GRES: 'compute.gpu_count',
  SBATCH_MEM_PER_CPU: 'compute.memory_per_cpu',
  SBATCH_MEM_PER_GPU: 'compute.memory_per_gpu',
  SBATCH_MEM_PER_NODE: 'compute.memory',
  SBATCH_NO_REQUEUE: 'compute.requeue',
  SBATCH_PARTITION: 'compute.partition',
  SBATCH_QOS: 'compute.qos',
  SBATCH_REQUEUE: 'compute.requeue',
  SBATCH_RESERVATION: 'compute.reservation',
  SBATCH_SIGNAL: 'compute.signal',
  SBATCH_TIMELIMIT: 'compute.time',
  SBATCH_WCKEY: 'compute.wckey',
};

/** Variables for what autolab decides itself, whatever a design says, and those that only change sbatch's output. */
const OWNED = [
  'SBATCH_ARRAY_INX',
  'SBATCH_CLUSTER_CONSTRAINT',
  'SBATCH_DEBUG',
  'SBATCH_ERROR',
  'SBATCH_EXPORT',
  'SBATCH_EXPORT_FILE',
  'SBATCH_GET_USER_ENV',
  'SBATCH_HOLD',
  'SBATCH_IGNORE_PBS',
  'SBATCH_INPUT',
  'SBATCH_JOB_NAME',
  'SBATCH_OPEN_MODE',
  'SBATCH_OUTPUT',
  'SBATCH_TIME_MIN',
  'SBATCH_WAIT',
];

/** Shared by sbatch and srun, without sbatch's prefix. */
const OF_SBATCH_TOO = ['SLURM_CLUSTERS', 'SLURM_HINT'];

/**
 * `names`: the variables that are hidden from Slurm's commands. Those that only change a command's output are left out.
 */
export function unusedVariables(names: readonly string[]): readonly UnusedVariable[] {
  return names
    .filter((name) => name.startsWith('SBATCH_') || name.startsWith('SRUN_') || OF_SBATCH_TOO.includes(name))
    .map((variable) => ({ variable, design_key: keyFor(variable) }));
}

function keyFor(name: string): string | null {
  if (OWNED.includes(name)) return null;
  // For srun inside the job: set it in the activation.
  if (name.startsWith('SRUN_')) return null;
  return KEYS[name] ?? 'compute.sbatch_options';
}

/** For the user, without the name. */
export function adviceOnVariable({ variable, design_key: key }: UnusedVariable): string {
  if (variable.startsWith('SRUN_'))
    return `${variable} is set and not used. If the job needs it, export it in the activation of docs/environment.md.`;
  if (key === null) return `${variable} is set and not used: autolab decides this itself.`;
  return `${variable} is set and not used: the design defines the job. To use it, set \`${key}\`.`;
}

/** Whether a list of clusters (`-M a,b`) names another one than the cluster that answers. */
export function asksForAnother(wanted: string, answering: string): boolean {
  const names = wanted
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  return names.length > 0 && !names.includes('all') && !names.includes(answering);
}
