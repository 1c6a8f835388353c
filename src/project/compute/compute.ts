import type { Notes } from '../../documents/notes.ts';
import { FOR_SLURM, meaninglessHere } from './local.ts';
import { type MemoryRequest, readMemoryRequest } from './memory.ts';
import { type Exclusive, type NameKey, readComment, readExclusive, readMailType, readName } from './names.ts';
import { type PassedOption, readSbatchOptions } from './sbatch-options.ts';
import { readSignal, type SignalRequest } from './signal.ts';
import { type Fields, isAbsent, isGiven, itSays, readAliased, readCount, readFlag, readTimeLimit } from './values.ts';

/** `compute`: where the run executes and what it requests. */

export interface Compute extends MemoryRequest {
  readonly location: 'local' | 'slurm';
  /** As written. */
  readonly time: string | null;
  readonly time_seconds: number | null;
  readonly cpus: number | null;
  /** Per node. */
  readonly gpu_count: number;
  readonly gpu_type: string | null;
  readonly partition: string | null;
  readonly qos: string | null;
  readonly account: string | null;
  readonly constraint: string | null;
  readonly nodes: number | null;
  readonly ntasks: number | null;
  readonly ntasks_per_node: number | null;
  readonly exclusive: Exclusive;
  readonly exclude: string | null;
  readonly nodelist: string | null;
  readonly reservation: string | null;
  readonly licenses: string | null;
  readonly nice: number | null;
  readonly requeue: boolean;
  readonly begin: string | null;
  readonly signal: SignalRequest | null;
  /** How long the entrypoint may take to end after it was asked to. */
  readonly grace_seconds: number | null;
  readonly cluster: string | null;
  readonly comment: string | null;
  readonly mail_type: string | null;
  readonly mail_user: string | null;
  readonly wckey: string | null;
  readonly sbatch_options: readonly PassedOption[];
}

/** The first name is autolab's; the others come from older designs or sbatch. */
const TIME = ['time', 'walltime', 'walltime_estimate'] as const;
const GPUS = ['gpu_count', 'gpus', 'gpus_per_node'] as const;
const NODES = ['nodes', 'num_nodes'] as const;
const MOST_GRACE_SECONDS = 86_400;

function readLocation(notes: Notes, pointer: string, value: unknown): 'local' | 'slurm' | null {
  if (value === 'local' || value === 'slurm') return value;
  if (isAbsent(value)) notes.error(pointer, 'value.missing', 'is missing; write `local` or `slurm`');
  else notes.error(pointer, 'value.invalid', `must be \`local\` or \`slurm\`; ${itSays(notes, pointer)}`);
  return null;
}

/** What a local run does not read cannot stop it. */
function lenient(notes: Notes, pointer: string): Notes {
  const isUnused = (at: string): boolean =>
    FOR_SLURM.some((key) => at === `${pointer}/${key}` || at.startsWith(`${pointer}/${key}/`));
  return {
    ...notes,
    get problems() {
      return notes.problems;
    },
    error: (at, code, message) => {
      if (isUnused(at)) notes.warn(at, code, `${message}; this launch does not use it`);
      else notes.error(at, code, message);
    },
  };
}

export function readCompute(all: Notes, pointer: string, given: unknown): Compute | null {
  const isLocal = typeof given === 'object' && (given as Fields | null)?.['location'] === 'local';
  const notes = isLocal ? lenient(all, pointer) : all;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const missing = isAbsent(given);
    notes.error(
      pointer,
      missing ? 'value.missing' : 'value.type',
      `${missing ? 'is missing' : 'must be a mapping'}; write \`compute: {location: local, time: "00:30:00"}\``,
    );
    return null;
  }
  const fields = given as Fields;
  const location = readLocation(notes, `${pointer}/location`, fields['location']);
  const time = readLimit(notes, pointer, fields, location);
  const memory = readMemoryRequest(notes, pointer, fields, location);
  const compute = {
    ...time,
    ...memory,
    ...readGpus(notes, pointer, fields, memory),
    ...readRest(notes, pointer, fields),
  };
  const meaningless = location === 'local' ? meaninglessHere(pointer, fields) : null;
  if (meaningless !== null) notes.warn(`${pointer}/location`, 'value.conflict', `is \`local\`: ${meaningless}`);
  return location === null ? null : { location, ...compute };
}

function readLimit(
  notes: Notes,
  pointer: string,
  fields: Fields,
  location: Compute['location'] | null,
): Pick<Compute, 'time' | 'time_seconds'> {
  const time = readAliased(notes, pointer, fields, TIME, (at, value) => readTimeLimit(notes, at, value));
  if (location === 'slurm' && !isGiven(fields, TIME))
    notes.error(`${pointer}/time`, 'value.missing', 'is missing, and Slurm runs need one; write "HH:MM:SS"');
  if (location === 'local' && !isGiven(fields, TIME))
    notes.warn(
      `${pointer}/time`,
      'value.missing',
      'is not given, so there is no time limit: a run that hangs is never ended; write "HH:MM:SS"',
    );
  return { time: time?.text ?? null, time_seconds: time?.value ?? null };
}

function readGpus(
  notes: Notes,
  pointer: string,
  fields: Fields,
  { memory_per_gpu }: MemoryRequest,
): Pick<Compute, 'gpu_count' | 'gpu_type'> {
  const gpus = readAliased(notes, pointer, fields, GPUS, (at, value) => readCount(notes, at, value, 0, 100_000));
  const gpu_type = readName(notes, pointer, fields, 'gpu_type');
  const noGpus = gpus?.value === 0 || !isGiven(fields, GPUS);
  if (gpu_type !== null && noGpus)
    notes.warn(`${pointer}/gpu_type`, 'value.conflict', 'has no effect without `gpu_count`');
  if (memory_per_gpu !== null && noGpus)
    notes.error(`${pointer}/memory_per_gpu`, 'value.conflict', 'requests nothing without `gpu_count`; write that, too');
  return { gpu_count: gpus?.value ?? 0, gpu_type };
}

/** The keys that are independent of each other. */
function readRest(
  notes: Notes,
  pointer: string,
  fields: Fields,
): Omit<Compute, 'location' | 'time' | 'time_seconds' | 'gpu_count' | 'gpu_type' | keyof MemoryRequest> {
  const at = (key: string): string => `${pointer}/${key}`;
  const name = (key: NameKey): string | null => readName(notes, pointer, fields, key);
  const counted = (key: string, least: number, most: number): number | null =>
    readCount(notes, at(key), fields[key], least, most);
  const hasLicenses = !isAbsent(fields['licenses']);
  return {
    cpus: counted('cpus', 1, 1_000_000),
    partition: name('partition'),
    qos: name('qos'),
    account: name('account'),
    constraint: name('constraint'),
    nodes:
      readAliased(notes, pointer, fields, NODES, (one, value) => readCount(notes, one, value, 1, 1_000_000))?.value ??
      null,
    ntasks: counted('ntasks', 1, 10_000_000),
    ntasks_per_node: counted('ntasks_per_node', 1, 1_000_000),
    exclusive: readExclusive(notes, at('exclusive'), fields['exclusive']),
    exclude: name('exclude'),
    nodelist: name('nodelist'),
    reservation: name('reservation'),
    licenses: name('licenses'),
    // sbatch(1): the adjustment lies within ±2147483645.
    nice: counted('nice', -2_147_483_645, 2_147_483_645),
    requeue: readFlag(notes, at('requeue'), fields['requeue']),
    begin: name('begin'),
    signal: readSignal(notes, at('signal'), fields['signal']),
    grace_seconds: counted('grace', 0, MOST_GRACE_SECONDS),
    cluster: name('cluster'),
    comment: readComment(notes, at('comment'), fields['comment']),
    mail_type: readMailType(notes, at('mail_type'), fields['mail_type']),
    mail_user: name('mail_user'),
    wckey: name('wckey'),
    sbatch_options: readSbatchOptions(notes, at('sbatch_options'), fields['sbatch_options'], hasLicenses),
  };
}
