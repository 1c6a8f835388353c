import { listed, shown } from '../../documents/excerpt.ts';
import { type LocatedDocument, problemIn } from '../../documents/located.ts';
import { pointerOf } from '../../documents/pointer.ts';
import type { Problem } from '../../errors/problem.ts';
import { likelyWord } from '../../platform/misspelling.ts';
import { takesValue } from '../sbatch-option.ts';
import { KEY_OF_OPTION, whyNotPossible } from '../sbatch-owned.ts';
import { isAbsent } from './values.ts';

/**
 * Keys of `compute` that autolab does not know. An ignored request is always reported: a name from Slurm or another
 * launcher is an error with the right key, and so is a misspelling of a key that is not set; anything else is a
 * warning. A local run reads few keys: there it is an error only if the right key is one of those.
 */

const KEYS = (
  'location time walltime walltime_estimate memory memory_estimate memory_per_cpu memory_per_gpu cpus gpu_count gpus ' +
  'gpus_per_node gpu_type partition qos account constraint nodes num_nodes ntasks ntasks_per_node exclusive exclude nodelist ' +
  'reservation licenses nice requeue begin signal grace cluster comment mail_type mail_user wckey sbatch_options'
).split(' ');

/** The keys that a local run follows. */
const READ_HERE = ['location', 'time', 'walltime', 'walltime_estimate', 'grace'];

/** Notes for readers: they request nothing. */
const FOR_PEOPLE = /^(?:notes?|x[-_].*)$/;

/** Other launchers' names for autolab's keys; sbatch's own names are in its table. */
const SYNONYMS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['time', 'time_limit timelimit timeout wall_time walltime_limit max_time time_min runtime duration'],
    ['memory', 'mem ram memory_mb memory_gb mem_mb mem_gb mem_per_node memory_per_node total_memory'],
    ['memory_per_cpu', 'mem_per_cpu mem_per_core memory_per_core'],
    ['memory_per_gpu', 'mem_per_gpu'],
    ['cpus', 'cpu cpu_count num_cpus n_cpus ncpus cpus_per_node cores num_cores n_cores ncores threads num_threads'],
    ['gpu_count', 'gpu num_gpus n_gpus ngpus gpus_count num_gpus_per_node'],
    ['nodes', 'node n_nodes nnodes node_count nodes_count'],
    ['ntasks', 'tasks num_tasks n_tasks task_count'],
    ['ntasks_per_node', 'tasks_per_node num_tasks_per_node n_tasks_per_node procs_per_node processes_per_node'],
    ['partition', 'queue queue_name partitions'],
    ['account', 'project charge_account'],
    ['qos', 'quality_of_service'],
    ['constraint', 'constraints features feature'],
    ['exclude', 'exclude_nodes excluded_nodes exclude_hosts'],
    ['nodelist', 'node_list nodes_list host_list hostlist hosts'],
    ['licenses', 'license'],
    ['exclusive', 'whole_node whole_nodes'],
    ['mail_user', 'email mail_address'],
    ['grace', 'grace_time grace_seconds grace_period kill_wait'],
    [
      'sbatch_options',
      'sbatch sbatch_args slurm_options slurm_args extra_options extra_args options additional_parameters',
    ],
  ].flatMap(([key = '', names = '']) => names.split(' ').map((name) => [name, key])),
);

const TWO_FOR_MAIL = `write ${listed(['mail_type', 'mail_user'], 'and')}`;
const ON_EACH_NODE = 'write `gpu_count`, the number of GPUs on each node';
const OWN_WORDS: Readonly<Record<string, string>> = {
  gres: `write ${listed(['gpu_count', 'gpu_type'], 'and')} for GPUs, and \`sbatch_options: ["--gres=…"]\` for other resources`,
  mail: TWO_FOR_MAIL,
  notify: TWO_FOR_MAIL,
  notification: TWO_FOR_MAIL,
  gpus_per_task: ON_EACH_NODE,
  gpus_per_socket: ON_EACH_NODE,
};

/** `gpu_count`, `gpu-count` and `gpuCount` alike. */
function plain(key: string): string {
  return key
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[-\s]/g, '_');
}

interface UnknownKeys {
  readonly problems: readonly Problem[];
  /** Pointers to the keys that should be written instead. */
  readonly meant: readonly string[];
}

export function unknownComputeKeys(document: LocatedDocument, pointer: string): UnknownKeys {
  const compute = document.value?.[pointer.slice(1)];
  if (typeof compute !== 'object' || compute === null || Array.isArray(compute)) return { problems: [], meant: [] };
  const given = compute as Readonly<Record<string, unknown>>;
  const isLocal = given['location'] === 'local';
  const absent = KEYS.filter((key) => !Object.hasOwn(given, key));
  const found = Object.entries(given).flatMap(([key, value]) => {
    if (KEYS.includes(key) || FOR_PEOPLE.test(plain(key))) return [];
    const advice = adviceOn(key, absent);
    // An empty value requests nothing.
    const matters = !isAbsent(value) && (!isLocal || READ_HERE.includes(advice?.key ?? ''));
    const severity = advice !== null && matters ? 'error' : 'warning';
    const message = `the key ${shown(key)} is not known and has no effect${advice === null ? '' : `; ${advice.words}`}`;
    const at = `${pointer}${pointerOf([key])}`;
    const problem = problemIn(document, { pointer: at, code: 'value.unknown_key', severity, message, atKey: true });
    return [{ problem, meant: advice?.key ?? null }];
  });
  return {
    problems: found.map(({ problem }) => problem),
    meant: found.flatMap(({ problem, meant }) =>
      problem.severity === 'error' && meant !== null ? [`${pointer}/${meant}`] : [],
    ),
  };
}

interface KeyAdvice {
  /** The right key, if there is one. */
  readonly key: string | null;
  readonly words: string;
}

/** What to write instead; null for an unknown key. */
function adviceOn(key: string, absent: readonly string[]): KeyAdvice | null {
  const name = plain(key);
  const own = OWN_WORDS[name];
  if (own !== undefined) return { key: null, words: own };
  // In another spelling: `gpu-count`, `gpuCount`.
  if (name !== key && KEYS.includes(name)) return { key: name, words: `did you mean ${shown(name)}?` };
  const synonym = SYNONYMS[name];
  if (synonym !== undefined) return { key: synonym, words: `write ${shown(synonym)}` };
  const option = adviceOnOption(name.replaceAll('_', '-'));
  if (option !== null) return option;
  const likely = likelyWord(key, absent) ?? likelyWord(key, KEYS);
  return likely === null ? null : { key: likely, words: `did you mean ${shown(likely)}?` };
}

function adviceOnOption(option: string): KeyAdvice | null {
  const takes = takesValue(option);
  if (takes === null) return null;
  const reason = whyNotPossible(option);
  if (reason !== null) return { key: null, words: `\`--${option}\` ${reason}; remove it` };
  const key = KEY_OF_OPTION[option];
  if (key !== undefined) return { key, words: `write ${shown(key)}` };
  const word = `--${option}${takes === 'yes' ? '=…' : ''}`;
  return { key: null, words: `write ${shown(`sbatch_options: ["${word}"]`)}` };
}
