/**
 * The ways in which a site says no, each with the place in the design that can be changed. Pure. Only what proves that
 * no job was made stands here: a message that sbatch prints before it asks the controller, or an answer of the controller
 * itself. Sources: the table of messages in libslurm 20.11 to 24.11, sbatch(1), and real answers of 22.05.
 */
export interface Advice {
  /** RFC 6901 pointer into design.yaml. */
  readonly pointer: string;
  /** What to do there. */
  readonly message: string;
}

interface Refusal {
  readonly pattern: RegExp;
  readonly advice: Advice | null;
}

const advise = (field: string, message: string): Advice => ({ pointer: `/compute/${field}`, message });

/** A limit of the account or of the QOS, not of the nodes: what is asked for can be lowered, or another one be used. */
const exceeds = (field: string, what: string): Advice =>
  advise(
    field,
    `ask for less (${what}), or name a QOS or account whose limit allows it (qos, account): sacctmgr show qos; sacctmgr show assoc user=$USER`,
  );

// A table: one row a line. A script that cannot be read comes first, since its path may contain any word.
// prettier-ignore
const REFUSALS: readonly Refusal[] = [
  { pattern: /does not look like a batch script|batch script is empty|contains only whitespace|DOS line breaks|Invalid directive found|Unable to open file|Pathname of a file|script not specified/i, advice: null },
  { pattern: /Invalid ?account|account\/partition combination/i, advice: advise('account', 'name an account that you may use there: sacctmgr show assoc user=$USER') },
  { pattern: /invalid partition|No partition specified|not permitted to use this partition|Required partition not available|Partition in DOWN state|partition configuration not available|Partition(?:Down|Inactive)/i, advice: advise('partition', 'name a partition that exists and takes jobs of yours: sinfo -s') },
  { pattern: /nodes not in this partition/i, advice: advise('partition', 'the nodes asked for are not in this partition: sinfo -N') },
  { pattern: /Invalid ?qos|QOS usage threshold/i, advice: advise('qos', 'name a QOS that your account has: sacctmgr show assoc user=$USER format=account,partition,qos') },
  { pattern: /(?:QOS|Assoc)(?:Grp|Max)[A-Za-z]*Wall/i, advice: exceeds('time', 'time') },
  { pattern: /time limit is invalid|PartitionTimeLimit|MaxWall|Invalid (?:--time|time limit)|Invalid time-min/i, advice: advise('time', "stay below the partition's limit: sinfo -o '%P %l'") },
  { pattern: /(?:QOS|Assoc)(?:Grp|Max)[A-Za-z]*Submit|MaxJobs|AssocGrpJobs/i, advice: advise('qos', 'too many jobs of yours are in the queue; wait for some to end, or use another QOS or account') },
  { pattern: /(?:QOS|Assoc)(?:Grp|Max)[A-Za-z]*Mem/i, advice: exceeds('memory', 'memory, times nodes') },
  { pattern: /Invalid --mem|invalid memory|memory specification|Memory required by task|MaxMemPerLimit/i, advice: advise('memory', "ask for no more than a node of the partition has: sinfo -o '%P %m'") },
  { pattern: /(?:QOS|Assoc)(?:Grp|Max)[A-Za-z]*(?:GRES|TRES)|\bgres\b|Invalid --gpus|Trackable RESource/i, advice: advise('gpu_type', "ask for GPUs by a name and number that the partition has: sinfo -o '%P %G'") },
  { pattern: /(?:QOS|Assoc)(?:Grp|Max)[A-Za-z]*Cpu/i, advice: exceeds('cpus', 'processors: ntasks times cpus') },
  { pattern: /CPU count specification|More processors requested|more tasks than available processors|Invalid --cpus-per-task/i, advice: advise('cpus', "ask for no more processors than a node of the partition has: sinfo -o '%P %c'") },
  { pattern: /(?:QOS|Assoc)(?:Grp|Max)[A-Za-z]*Node/i, advice: exceeds('nodes', 'nodes') },
  { pattern: /PartitionNodeLimit|Node count specification|Invalid --nodes/i, advice: advise('nodes', "ask for no more nodes than the partition has: sinfo -s") },
  { pattern: /Task count specification|Invalid --ntasks|Task distribution/i, advice: advise('ntasks', 'ask for a number of tasks that fits the nodes') },
  { pattern: /Invalid feature|Invalid --constraint|batch option is invalid/i, advice: advise('constraint', "name features that nodes have: sinfo -o '%P %f'") },
  { pattern: /reservation/i, advice: advise('reservation', 'name a reservation that is open to you: scontrol show reservation') },
  { pattern: /Invalid --nice/i, advice: advise('nice', 'a whole number that your site allows') },
  { pattern: /node name/i, advice: advise('exclude', 'name nodes that exist: sinfo -N') },
  { pattern: /node configuration is not available|Required node not available|Job size specification/i, advice: advise('partition', "no node of the partition has all that is asked for together: sinfo -o '%P %c %m %G %f'") },
  { pattern: /violates accounting\/QOS policy/i, advice: advise('qos', 'a limit of your account or QOS is exceeded: sacctmgr show assoc user=$USER; sacctmgr show qos') },
  { pattern: /unrecognized option|invalid option|requires an argument|doesn't allow an argument|Invalid --[a-z-]+/i, advice: null },
  { pattern: /Access\/permission denied|Invalid user id|Invalid group id|Invalid wckey|Invalid license|[Dd]ependency|Requested operation (?:is presently disabled|not supported)|submissions disabled|Only batch jobs|Invalid mcs_label|Burst Buffer|user's group/i, advice: null },
];

/** What the queue's reason for a job that cannot start points at; null where it does not say, as BadConstraints. */
export function adviceOnReason(reason: string): Advice | null {
  return REFUSALS.find(({ pattern }) => pattern.test(reason.slice(0, LONGEST_LINE)))?.advice ?? null;
}

/**
 * Signs that an answer was lost on its way, or that sbatch tried several times: a refusal beside one of these proves
 * nothing about the first try.
 */
const TRANSIENT =
  /timed out|Unable to contact|temporarily|retrying|connect(?:ion)? (?:failure|refused|reset|timed)|send failure|receive failure|shutdown failure|communication|standby mode|try again|Zero Bytes|Insane message|authentication/i;

export type RefusalReading =
  | { readonly kind: 'refused'; readonly advice: Advice | null }
  /** An answer was lost on its way. */
  | { readonly kind: 'lost' }
  /** It was answered, in words that we do not know. */
  | { readonly kind: 'not_said' };

/** sbatch says what it has to say in a few lines; what is longer is not its own, and slow to search. */
const LONGEST_LINE = 4096;
const MOST_LINES = 100;

/** Whether what sbatch wrote to stderr proves that the site refused the job. */
export function readRefusal(stderr: string): RefusalReading {
  if (TRANSIENT.test(stderr)) return { kind: 'lost' };
  const lines = stderr
    .split(/\r?\n/)
    .filter((line) => line.length <= LONGEST_LINE && /\b(?:sbatch|allocation failure|Try "sbatch)/.test(line))
    .slice(0, MOST_LINES);
  const text = lines.join('\n');
  // The order is that of the table: an account's limit is named on a line of its own before the general sentence.
  const found = REFUSALS.find(({ pattern }) => pattern.test(text));
  if (found !== undefined) return { kind: 'refused', advice: found.advice };
  // A job_submit plugin says why in words of its own; the controller's code is then -1.
  const errors = lines.filter((line) => /^sbatch: (?:error: )?\S/.test(line));
  const plugin = errors.length > 1 && /submission failed: Unspecified error/.test(text);
  return plugin ? { kind: 'refused', advice: null } : { kind: 'not_said' };
}
