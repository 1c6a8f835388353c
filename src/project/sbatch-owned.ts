/** Options of sbatch that a design does not pass on: those with a key of their own, and autolab's. Pure. */

/** Option → the key of `compute` for it. */
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

/** These break the launch wherever they are set. The reason is phrased to follow the option. */
export const BREAKS_LAUNCH: Readonly<Record<string, string>> = {
  array: 'would run the experiment several times (for many tasks, write `tasks`)',
  'cluster-constraint': 'may submit the job to several clusters',
  deadline: 'would let Slurm end the job before the time that was approved',
  'export-file': "would replace the environment, which contains autolab's variables",
  'get-user-env': "would replace the environment, which contains autolab's variables",
  gid: 'would run the job as another group',
  help: 'would submit nothing',
  'test-only': 'would submit nothing',
  'time-min': 'would let Slurm give less time than was approved',
  uid: 'would run the job as another user',
  usage: 'would submit nothing',
  version: 'would submit nothing',
  wait: 'would make sbatch wait for the end of a job that is held until sbatch has answered',
  wrap: 'would run another command instead of the script',
};

/** Options that autolab sets itself. */
const LAUNCHER_SAYS: Readonly<Record<string, string>> = {
  autocomplete: 'would submit nothing',
  chdir: 'is set by autolab: the job runs in the project root',
  dependency: 'would let another job decide whether this one runs; autolab submits one job a run',
  error: "is set by autolab: the logs are in the run's folder",
  export: "is set by autolab, which passes the job's variables with it",
  hold: 'is set by autolab: the job is released when its id is recorded',
  'ignore-pbs': 'changes how sbatch reads the script',
  input: 'is not possible: the entrypoint gets no input',
  'job-name': 'is set by autolab: the job is looked up by its name',
  'kill-on-invalid-dep': 'is about dependencies; autolab submits one job a run',
  'open-mode': 'is set by autolab',
  output: "is set by autolab: the logs are in the run's folder",
  parsable: 'is set by autolab, which reads the answer of sbatch',
  quiet: 'changes the answer of sbatch, which autolab reads',
  verbose: 'changes the answer of sbatch, which autolab reads',
};

/** Why a design cannot set an option; null if it can. */
export function whyNotPossible(option: string): string | null {
  return BREAKS_LAUNCH[option] ?? LAUNCHER_SAYS[option] ?? null;
}
