import { isLostAnswer, saysOfItselfThatItLost } from './lost-answers.ts';
import { readSbatchWords } from './sbatch-words.ts';

/**
 * The ways in which a site refuses a job, each with the place in the design to change. Pure. Only proof that no job was
 * made belongs here: a message that sbatch prints before it contacts the controller, or an answer of the controller
 * itself. Sources: the table of messages in libslurm 20.11 to 24.11, sbatch(1), and real answers of 22.05.
 */
export interface Advice {
  /** RFC 6901 pointer into design.yaml. */
  readonly pointer: string;
  /** What to change there. */
  readonly message: string;
}

interface Refusal {
  /** Whole sentences of sbatch or the controller, and reasons of the queue. A site's own prose must not match. */
  readonly pattern: RegExp;
  readonly advice: Advice | null;
}

/** Matches one of these sentences, whole. */
const whole = (...sentences: readonly string[]): RegExp => new RegExp(`^(?:${sentences.join('|')})$`, 'i');
/** A reason that names a limit of a QOS or an account, such as `QOSMaxMemoryPerJob`. */
const limit = (what: string): string => `(?:QOS|Assoc)(?:Grp|Max)[A-Za-z]*${what}[A-Za-z]*`;

const advise = (field: string, message: string): Advice => ({ pointer: `/compute/${field}`, message });

/** A limit of the account or the QOS, not of the nodes: request less, or use another account or QOS. */
const exceeds = (field: string, what: string): Advice =>
  advise(
    field,
    `request less (${what}), or name a QOS or account whose limit allows it (qos, account): sacctmgr show qos; sacctmgr show assoc user=$USER`,
  );

// A table: one row per line. A limit of an account or a QOS has a row before the general sentence, and comes first.
// prettier-ignore
const REFUSALS: readonly Refusal[] = [
  { pattern: whole('This does not look like a batch script\\..*', 'Batch script is empty!', 'Batch script contains only whitespace!', 'Batch script contains DOS line breaks .*', 'The Slurm controller does not allow scripts that', 'Invalid directive found in batch script: .*', 'Unable to open file .*', 'Cannot stat .*', 'Script (?:file )?.* is too (?:large|big).*', 'Pathname of a file, directory or other parameter too long', 'Job script not specified'), advice: null },
  { pattern: whole("No cluster '.*' known by database\\.?", "'.*' can't be reached now, or it is an invalid entry for --cluster\\..*"), advice: advise('cluster', 'name a cluster that the accounting knows: sacctmgr show clusters') },
  { pattern: whole('Invalid account or account/partition combination specified', 'InvalidAccount'), advice: advise('account', 'name an account that you may use there: sacctmgr show assoc user=$USER') },
  { pattern: whole('invalid partition specified: .*', 'Invalid partition name specified', 'No partition specified or system default partition', "User's group not permitted to use this partition", 'Required partition not available \\(inactive or drain\\)', 'Partition in DOWN state', 'Requested partition configuration not available now', 'Partition(?:Down|Inactive)'), advice: advise('partition', 'name a partition that exists and accepts your jobs: sinfo -s') },
  { pattern: whole('Requested nodes not in this partition'), advice: advise('partition', 'the requested nodes are not in this partition: sinfo -N') },
  { pattern: whole('Invalid qos specification', 'Invalid QOS specification, relative QOS .*', 'InvalidQOS', 'Requested account has breached requested QOS usage threshold'), advice: advise('qos', 'name a QOS that your account has: sacctmgr show assoc user=$USER format=account,partition,qos') },
  { pattern: whole(limit('Wall')), advice: exceeds('time', 'time') },
  { pattern: whole('Requested time limit is invalid \\(missing or exceeds some limit\\)', 'PartitionTimeLimit', 'Time limit specification required, but not provided', 'Invalid --time(?:-min)? specification', 'Invalid time-min specification .*'), advice: advise('time', "stay below the partition's limit: sinfo -o '%P %l'") },
  { pattern: whole(limit('(?:Submit|Jobs)'), '(?:QOS|Assoc)?MaxJobs[A-Za-z]*'), advice: advise('qos', 'too many of your jobs are in the queue; wait for some to end, or use another QOS or account') },
  { pattern: whole(limit('Mem')), advice: exceeds('memory', 'memory, times nodes') },
  { pattern: whole('Invalid --mem specification', 'Memory specification can not be satisfied', 'Memory required by task is not available', 'MaxMemPerLimit'), advice: advise('memory', "request no more than a node of the partition has: sinfo -o '%P %m'") },
  { pattern: whole(limit('(?:GRES|TRES)'), '(?:Invalid|Duplicate) generic resource \\(gres\\) specification', 'Invalid GRES specification .*', 'Requested GRES option unsupported by .*', 'Insufficient GRES available in allocation', 'Invalid --(?:gpus|gres).*', 'Invalid Trackable RESource \\(TRES\\) specification'), advice: advise('gpu_type', "request GPUs by a name and number that the partition has: sinfo -o '%P %G'") },
  { pattern: whole(limit('Cpu')), advice: exceeds('cpus', 'processors: ntasks times cpus') },
  { pattern: whole('CPU count specification invalid', 'CPU count per node can not be satisfied', 'More processors requested than permitted', 'Requested more tasks than available processors', 'Invalid --cpus-per-task .*', 'invalid number of cpus per task .*'), advice: advise('cpus', "request no more processors than a node of the partition has: sinfo -o '%P %c'") },
  { pattern: whole(limit('Node')), advice: exceeds('nodes', 'nodes') },
  { pattern: whole('PartitionNodeLimit', 'Node count specification invalid', 'Invalid --nodes .*', 'invalid number of nodes .*'), advice: advise('nodes', "request no more nodes than the partition has: sinfo -s") },
  { pattern: whole('Task count specification invalid', 'Task distribution specification invalid', 'Invalid --ntasks.*', 'invalid number of tasks .*'), advice: advise('ntasks', 'request a number of tasks that fits the nodes') },
  { pattern: whole('Invalid (?:preferred )?feature specification', 'Invalid --constraint .*', 'Job --batch option is invalid or not a subset of --constraints?'), advice: advise('constraint', "name features that nodes have: sinfo -o '%P %f'") },
  { pattern: whole('Requested reservation is (?:invalid|in use)', 'Requested reservation not usable now', 'Access denied to requested reservation', 'Reservation[A-Za-z]*'), advice: advise('reservation', 'name a reservation that is open to you: scontrol show reservation') },
  { pattern: whole('Invalid license specification'), advice: advise('licenses', 'request licenses that the cluster has: scontrol show licenses') },
  { pattern: whole('Invalid --begin specification', 'Invalid time specification .*'), advice: advise('begin', 'write a time as sbatch reads it, such as now+1hour or 2027-01-20T12:34:00') },
  { pattern: whole('Invalid wckey specification'), advice: advise('wckey', 'name a key that you may use: sacctmgr show wckey user=$USER') },
  { pattern: whole('Invalid --nice .*'), advice: advise('nice', 'a whole number that your site allows') },
  { pattern: whole('Invalid node name specified', 'Invalid node list specified'), advice: advise('exclude', 'name nodes that exist (exclude, nodelist): sinfo -N') },
  { pattern: whole('Requested (?:node|topology) configuration is not available', 'Required node not available .*', 'Job size specification needs to be provided'), advice: advise('partition', "no node of the partition has everything that is requested together: sinfo -o '%P %c %m %G %f'") },
  { pattern: whole('Job violates accounting/QOS policy .*'), advice: advise('qos', 'a limit of your account or QOS is exceeded: sacctmgr show assoc user=$USER; sacctmgr show qos') },
  { pattern: whole("unrecognized option '.*'", "invalid option -- '.*'", "option .* requires an argument.*", "option '.*' doesn't allow an argument", "option '.*' is ambiguous.*", 'Invalid --[a-z-]+ .*'), advice: null },
  { pattern: whole('Access/permission denied', 'Invalid user id', 'Invalid group id', 'Invalid time specified', 'Invalid mcs_label specified', 'Invalid job array specification', 'Invalid MPI plugin name', 'Job dependency problem', 'Circular job dependency', 'Requested operation is presently disabled', 'Requested operation not supported on this system', 'System submissions disabled', 'Only batch jobs are accepted or processed', 'Burst Buffer .*', 'Environment is missing in job', 'Job cannot be submitted without the current working directory specified\\.', 'Job can not start due to maintenance reservation\\.'), advice: null },
  // Slurm has no sentence for this number, so a plugin of the site returned it.
  { pattern: whole('Unknown error -?\\d+', 'Unknown negative error number'), advice: null },
  // Before sbatch contacts the controller: the site's cli_filter, and its other plugins.
  { pattern: whole('cli_filter plugin terminated with error', 'Plugin stack post-option processing failed', 'Failed to initialize plugin stack'), advice: null },
];

/**
 * The design key behind the queue's reason for a job that cannot start; null if the reason names none, as
 * BadConstraints.
 */
export function adviceOnReason(reason: string): Advice | null {
  return rowOf([reason])?.advice ?? null;
}

export type RefusalReading =
  | { readonly kind: 'refused'; readonly words: string; readonly advice: Advice | null }
  /** An answer was lost on its way. */
  | { readonly kind: 'lost' }
  /** It was answered, in words that we do not know. */
  | { readonly kind: 'not_said' };

/** The controller's error for a job that a plugin of the site refused: the plugin's reasons come before it. */
const NO_REASON: ReadonlySet<string> = new Set(['Unspecified error', 'Operation not permitted']);
/** A client's own error about a connection begins with the name of a function, or is munge's. */
const OF_THE_CLIENT = /^_?[a-z]+(?:_[a-z\d]+)+(?:\/\w+)?: |^(?:Munge|If munged) /;

/** Whether sbatch's stderr proves that the site refused the job. */
export function readRefusal(stderr: string): RefusalReading {
  const { verdict, lines, words } = readSbatchWords(stderr);
  if (lines.some(({ text }) => saysOfItselfThatItLost(text))) return { kind: 'lost' };
  if (verdict !== null && isLostAnswer(verdict)) return { kind: 'lost' };
  if (verdict !== null && NO_REASON.has(verdict)) {
    const explained = lines.some(({ error, text }) => error && !OF_THE_CLIENT.test(text));
    return explained ? { kind: 'refused', words, advice: null } : { kind: 'not_said' };
  }
  // If sbatch gives a verdict, the lines before it can refine the advice, and cannot replace it.
  if (verdict !== null && rowOf([verdict]) === null) return { kind: 'not_said' };
  const row = rowOf([...lines.map(({ text }) => text), verdict ?? '']);
  return row === null ? { kind: 'not_said' } : { kind: 'refused', words, advice: row.advice };
}

/** In the order of the table. */
function rowOf(sentences: readonly string[]): Refusal | null {
  return REFUSALS.find(({ pattern }) => sentences.some((sentence) => pattern.test(sentence))) ?? null;
}
