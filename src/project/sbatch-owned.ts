/** Options of sbatch that a design does not pass on as they are: those with a key of their own, and the launcher's. Pure. */

/** Option → the key of `compute` that says it. */
export const KEY_OF_OPTION: Readonly<Record<string, string>> = {
  account: 'account',
  begin: 'begin',
  clusters: 'cluster',
  comment: 'comment',
  constraint: 'constraint',
  'cpus-per-task': 'cpus',
  exclude: 'exclude',
  exclusive: 'exclusive',
  gpus: 'gpu_count',
  'gpus-per-node': 'gpu_count',
  'gpus-per-socket': 'gpu_count',
  'gpus-per-task': 'gpu_count',
  licenses: 'licenses',
  'mail-type': 'mail_type',
  'mail-user': 'mail_user',
  mem: 'memory',
  'mem-per-cpu': 'memory_per_cpu',
  'mem-per-gpu': 'memory_per_gpu',
  nice: 'nice',
  'no-requeue': 'requeue',
  nodefile: 'nodelist',
  nodelist: 'nodelist',
  nodes: 'nodes',
  ntasks: 'ntasks',
  'ntasks-per-node': 'ntasks_per_node',
  partition: 'partition',
  qos: 'qos',
  requeue: 'requeue',
  reservation: 'reservation',
  signal: 'signal',
  time: 'time',
  wckey: 'wckey',
};

/** Wherever they stand, these break the launch. The reason is worded to follow the option. */
export const BREAKS_LAUNCH: Readonly<Record<string, string>> = {
  array: 'would run the experiment several times',
  'cluster-constraint': 'may submit the job to several clusters',
  deadline: 'would let Slurm end the job before the time that was approved',
  'export-file': "would replace the environment, in which the launcher's variables come",
  'get-user-env': "would replace the environment, in which the launcher's variables come",
  gid: 'would run the job as another group',
  help: 'would submit nothing',
  'test-only': 'would submit nothing',
  'time-min': 'would let Slurm give less time than was approved',
  uid: 'would run the job as somebody else',
  usage: 'would submit nothing',
  version: 'would submit nothing',
  wait: 'would make sbatch wait for the end of a job that is held until sbatch has answered',
  wrap: 'would run another command instead of the script',
};

/** These the launcher says itself. */
const LAUNCHER_SAYS: Readonly<Record<string, string>> = {
  autocomplete: 'would submit nothing',
  chdir: 'is set by autolab: the job runs in the project root',
  dependency: 'would let another job decide whether this one runs; autolab submits one job a run',
  error: 'is set by autolab: the logs lie in the folder of the run',
  export: 'is set by autolab: the job gets its variables that way',
  hold: 'is set by autolab: the job is released when its id is recorded',
  'ignore-pbs': 'changes how sbatch reads the script',
  input: 'is not possible: the entrypoint reads nothing',
  'job-name': 'is set by autolab: the job is looked up by its name',
  'kill-on-invalid-dep': 'is about dependencies; autolab submits one job a run',
  'open-mode': 'is set by autolab',
  output: 'is set by autolab: the logs lie in the folder of the run',
  parsable: 'is set by autolab, which reads the answer of sbatch',
  quiet: 'changes the answer of sbatch, which autolab reads',
  verbose: 'changes the answer of sbatch, which autolab reads',
};

/** Why a design cannot say an option at all; null where it can. */
export function whyNotPossible(option: string): string | null {
  return BREAKS_LAUNCH[option] ?? LAUNCHER_SAYS[option] ?? null;
}
