/** What users of sbatch type out of habit. Its `-q` and `-C` are options of autolab. */

const SAME: Readonly<Record<string, string>> = {
  '--mem': '--memory',
  '-t': '--time',
  '-c': '--cpus',
  '--cpus-per-task': '--cpus',
  '-G': '--gpus',
  '--gres': '--gpus',
  '--gpus-per-node': '--gpus',
  '-p': '--partition',
  '-N': '--nodes',
  '-n': '--ntasks',
  '-A': '--account',
  '-J': 'the id: autolab new ID',
  '--job-name': 'the id: autolab new ID',
};

/** Options of sbatch that are keys of `compute` without an option of their own. */
const KEYS: Readonly<Record<string, string>> = {
  '--mem-per-cpu': 'memory_per_cpu',
  '--mem-per-gpu': 'memory_per_gpu',
  '--ntasks-per-node': 'ntasks_per_node',
  '--exclude': 'exclude',
  '-x': 'exclude',
  '--nodelist': 'nodelist',
  '-w': 'nodelist',
  '--exclusive': 'exclusive',
  '--reservation': 'reservation',
  '--begin': 'begin',
  '-b': 'begin',
  '--signal': 'signal',
};

/** What `autolab new` has for an option of sbatch, such as `-t` of `-t10` and `--mem` of `--mem=8G`; null if nothing. */
export function sameAsSbatch(word: string): string | null {
  const flag = word.startsWith('--') ? (word.split('=')[0] ?? '') : word.slice(0, 2);
  if (Object.hasOwn(SAME, flag)) return SAME[flag] ?? null;
  return Object.hasOwn(KEYS, flag) ? `--compute ${KEYS[flag] ?? ''}=VALUE` : null;
}
