/**
 * The options of sbatch by name, and a parser for one option word. Source: sbatch(1) of Slurm 20.11, 22.05 and 24.11;
 * getopt_long(3). Pure.
 */

const SHORT: Readonly<Record<string, string>> = {
  A: 'account',
  a: 'array',
  B: 'extra-node-info',
  b: 'begin',
  C: 'constraint',
  c: 'cpus-per-task',
  D: 'chdir',
  d: 'dependency',
  e: 'error',
  F: 'nodefile',
  G: 'gpus',
  H: 'hold',
  h: 'help',
  i: 'input',
  J: 'job-name',
  k: 'no-kill',
  L: 'licenses',
  M: 'clusters',
  m: 'distribution',
  N: 'nodes',
  n: 'ntasks',
  O: 'overcommit',
  o: 'output',
  p: 'partition',
  Q: 'quiet',
  q: 'qos',
  S: 'core-spec',
  s: 'oversubscribe',
  t: 'time',
  V: 'version',
  v: 'verbose',
  W: 'wait',
  w: 'nodelist',
  x: 'exclude',
};

/** Two names of one option. */
const ALIASES: Readonly<Record<string, string>> = { cluster: 'clusters', 'tasks-per-node': 'ntasks-per-node' };

const NO_VALUE =
  'contiguous help hold ignore-pbs no-requeue overcommit oversubscribe parsable quiet reboot requeue spread-job stepmgr ' +
  'test-only usage use-min-nodes verbose version wait';
/** A value only after `=`. */
const OPTIONAL_VALUE = 'exclusive get-user-env nice no-kill oom-kill-step propagate resv-ports';
const VALUE =
  'account acctg-freq array autocomplete batch bb bbf begin chdir cluster-constraint clusters comment constraint container ' +
  'container-id context core-spec cores-per-socket cpu-freq cpus-per-gpu cpus-per-task deadline delay-boot dependency ' +
  'distribution error exclude export export-file extra extra-node-info gid gpu-bind gpu-freq gpus gpus-per-node ' +
  'gpus-per-socket gpus-per-task gres gres-flags hint input job-name kill-on-invalid-dep licenses mail-type mail-user ' +
  'mcs-label mem mem-bind mem-per-cpu mem-per-gpu mincpus network nodefile nodelist nodes ntasks ntasks-per-core ' +
  'ntasks-per-gpu ntasks-per-node ntasks-per-socket ntasks-per-tres open-mode output partition power prefer priority ' +
  'profile qos reservation segment signal sockets-per-node switches thread-spec threads-per-core time time-min tmp ' +
  'tres-bind tres-per-task uid wait-all-nodes wckey wrap';

const TAKES: ReadonlyMap<string, 'no' | 'optional' | 'yes'> = new Map([
  ...NO_VALUE.split(' ').map((name) => [name, 'no'] as const),
  ...OPTIONAL_VALUE.split(' ').map((name) => [name, 'optional'] as const),
  ...VALUE.split(' ').map((name) => [name, 'yes'] as const),
]);

/** Whether an option takes a value; null for one that is not sbatch's own, such as a plugin's. */
export function takesValue(name: string): 'no' | 'optional' | 'yes' | null {
  return TAKES.get(name) ?? null;
}

/** The option that `name` abbreviates: sbatch accepts abbreviations. null if it abbreviates none, or is a full name. */
export function abbreviationOf(name: string): string | null {
  if (TAKES.has(name)) return null;
  return [...TAKES.keys()].find((whole) => whole.startsWith(name)) ?? null;
}

export interface OptionWord {
  /** The long name, without `--`. */
  readonly name: string;
  readonly value: string | null;
}

/** `--name`, `--name=value`, `-nvalue`; null for a word that is not an option. */
export function readOption(word: string): OptionWord | null {
  const long = /^--([A-Za-z][\w-]*)(?:=(.*))?$/s.exec(word);
  if (long !== null) {
    const name = long[1] ?? '';
    return { name: ALIASES[name] ?? name, value: long[2] ?? null };
  }
  const short = /^-([A-Za-z])(.*)$/s.exec(word);
  if (short === null) return null;
  const name = SHORT[short[1] ?? ''] ?? short[1] ?? '';
  return { name, value: short[2] === '' ? null : (short[2] ?? null) };
}
