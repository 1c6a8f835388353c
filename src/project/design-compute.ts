import { invisibleInName } from './characters.ts';
import { readDuration } from './durations.ts';
import { shown } from './excerpt.ts';
import { textAt, writtenAt } from './located.ts';
import { readMemory } from './memory.ts';
import { nameOf } from './pointer.ts';
import type { Notes } from './notes.ts';

/** `compute`: where the run goes and what it asks for. */

export interface Compute {
  readonly location: 'local' | 'slurm';
  /** As written. */
  readonly time: string | null;
  readonly time_seconds: number | null;
  /** As written. */
  readonly memory: string | null;
  readonly memory_mb: number | null;
  readonly cpus: number | null;
  readonly gpu_count: number;
  readonly gpu_type: string | null;
  readonly partition: string | null;
  readonly qos: string | null;
  readonly account: string | null;
  readonly constraint: string | null;
  readonly nodes: number | null;
  readonly ntasks: number | null;
  readonly exclude: string | null;
  readonly reservation: string | null;
  readonly nice: number | null;
  readonly requeue: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/** The first name is ours; the others are what older designs call it. */
const TIME = ['time', 'walltime', 'walltime_estimate'] as const;
const MEMORY = ['memory', 'memory_estimate'] as const;
const GPUS = ['gpu_count', 'gpus'] as const;

/** These stand in `#SBATCH` lines: nothing that ends a line, begins an option, or needs quotes. */
const NAMES = /^[A-Za-z0-9_][A-Za-z0-9_.+@-]*(?:,[A-Za-z0-9_][A-Za-z0-9_.+@-]*)*$/;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+@-]*$/;
const PATTERNS = {
  partition: [NAMES, 'the name of a partition, or several with commas between'],
  qos: [NAME, 'the name of a QOS'],
  account: [NAME, 'the name of an account'],
  constraint: [/^[A-Za-z0-9_([][A-Za-z0-9_.&|*,:()[\]=+-]*$/, 'features joined by `&` or `|`, without spaces'],
  gpu_type: [NAME, 'the type that the cluster calls it, such as `a100`'],
  exclude: [/^[A-Za-z0-9_][A-Za-z0-9_.,[\]-]*$/, 'host names, such as `node[01-03],node07`'],
  reservation: [NAMES, 'the name of a reservation'],
} as const satisfies Record<string, readonly [RegExp, string]>;
const LONGEST_NAME = 1024;

interface Reading<T> {
  readonly pointer: string;
  readonly text: string;
  readonly value: T;
}

/** A value that may stand under several names; two names that say the same are fine. */
function readAliased<T>(
  notes: Notes,
  pointer: string,
  fields: Fields,
  names: readonly string[],
  read: (at: string, value: unknown) => T | null,
): Reading<T> | null {
  let first: Reading<T> | null = null;
  for (const name of names) {
    const value = fields[name];
    if (value === undefined || value === null) continue;
    const at = `${pointer}/${name}`;
    const result = read(at, value);
    if (result === null) continue;
    if (first === null) first = { pointer: at, text: scalarText(notes, at, value), value: result };
    else if (first.value !== result)
      notes.error(at, 'value.conflict', `says something else than ${shown(nameOf(first.pointer))}; leave one of them`);
  }
  return first;
}

/** Whether any of the names has a value, right or wrong. */
function isGiven(fields: Fields, names: readonly string[]): boolean {
  return names.some((name) => fields[name] !== undefined && fields[name] !== null);
}

/** What a scalar says, whether or not it is quoted: a bare `30` is minutes, a bare `4000` megabytes. */
function scalarText(notes: Notes, pointer: string, value: unknown): string {
  return typeof value === 'string' ? value.trim() : writtenAt(notes.document, pointer, value);
}

function readTime(notes: Notes, pointer: string, value: unknown): number | null {
  const reading = readDuration(scalarText(notes, pointer, value));
  if (reading.ok) return reading.seconds;
  notes.error(pointer, 'value.invalid', `${reading.message}; it says ${shown(textAt(notes.document, pointer))}`);
  return null;
}

function readMegabytes(notes: Notes, pointer: string, value: unknown): number | null {
  const reading = readMemory(scalarText(notes, pointer, value));
  if (reading.ok) return reading.megabytes;
  notes.error(pointer, 'value.invalid', `${reading.message}; it says ${shown(textAt(notes.document, pointer))}`);
  return null;
}

function readCount(notes: Notes, pointer: string, value: unknown, least: number, most: number): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  const range = `a whole number from ${String(least)} to ${String(most)}`;
  const advice = typeof value === 'string' && /^\d+$/.test(value) ? ', without quotes' : '';
  notes.error(
    pointer,
    typeof value === 'number' ? 'value.invalid' : 'value.type',
    `must be ${range}${advice}; it says ${shown(textAt(notes.document, pointer))}`,
  );
  return null;
}

function readName(notes: Notes, pointer: string, fields: Fields, key: keyof typeof PATTERNS): string | null {
  const value = fields[key];
  if (value === undefined || value === null) return null;
  const at = `${pointer}/${key}`;
  const [pattern, what] = PATTERNS[key];
  // A bare number is a name here: accounts are often called 12345.
  const text = typeof value === 'number' ? writtenAt(notes.document, at, value) : value;
  if (typeof text === 'string' && text.length <= LONGEST_NAME && pattern.test(text)) return text;
  const invisible = typeof text === 'string' ? invisibleInName(text) : null;
  const why = invisible === null ? '' : ` (it contains the character ${invisible})`;
  const code = invisible === null ? 'value.invalid' : 'value.control_character';
  notes.error(
    at,
    typeof text === 'string' ? code : 'value.type',
    `must be ${what}${why}; it says ${shown(textAt(notes.document, at))}`,
  );
  return null;
}

function readLocation(notes: Notes, pointer: string, value: unknown): 'local' | 'slurm' | null {
  if (value === 'local' || value === 'slurm') return value;
  if (value === undefined || value === null)
    notes.error(pointer, 'value.missing', 'is missing; write `local` or `slurm`');
  else
    notes.error(
      pointer,
      'value.invalid',
      `must be \`local\` or \`slurm\`; it says ${shown(textAt(notes.document, pointer))}`,
    );
  return null;
}

export function readCompute(notes: Notes, pointer: string, given: unknown): Compute | null {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    const missing = given === undefined || given === null;
    notes.error(
      pointer,
      missing ? 'value.missing' : 'value.type',
      `${missing ? 'is missing' : 'must be a mapping'}; write \`compute: {location: local, time: "00:30:00"}\``,
    );
    return null;
  }
  const fields = given as Fields;
  const location = readLocation(notes, `${pointer}/location`, fields['location']);
  const time = readAliased(notes, pointer, fields, TIME, (at, value) => readTime(notes, at, value));
  const memory = readAliased(notes, pointer, fields, MEMORY, (at, value) => readMegabytes(notes, at, value));
  if (location === 'slurm' && !isGiven(fields, TIME))
    notes.error(`${pointer}/time`, 'value.missing', 'is missing, and Slurm runs need one; write "HH:MM:SS"');
  if (location === 'local' && !isGiven(fields, TIME))
    notes.warn(
      `${pointer}/time`,
      'value.missing',
      'is not given, so there is no time limit: a run that hangs is never ended; write "HH:MM:SS"',
    );
  if (location === 'slurm' && !isGiven(fields, MEMORY))
    notes.error(
      `${pointer}/memory`,
      'value.missing',
      'is missing, and Slurm runs need it; write an amount such as "4G"',
    );
  const gpus = readAliased(notes, pointer, fields, GPUS, (at, value) => readCount(notes, at, value, 0, 100_000));
  const gpu_type = readName(notes, pointer, fields, 'gpu_type');
  if (gpu_type !== null && (gpus?.value === 0 || !isGiven(fields, GPUS))) {
    notes.warn(`${pointer}/gpu_type`, 'value.conflict', 'has no effect without `gpu_count`');
  }
  const requeue = fields['requeue'] ?? false;
  if (typeof requeue !== 'boolean')
    notes.error(
      `${pointer}/requeue`,
      'value.type',
      `must be \`true\` or \`false\`; it says ${shown(textAt(notes.document, `${pointer}/requeue`))}`,
    );
  const counted = (key: string, least: number, most: number): number | null =>
    readCount(notes, `${pointer}/${key}`, fields[key], least, most);
  const compute = {
    time: time?.text ?? null,
    time_seconds: time?.value ?? null,
    memory: memory?.text ?? null,
    memory_mb: memory?.value ?? null,
    cpus: counted('cpus', 1, 1_000_000),
    gpu_count: gpus?.value ?? 0,
    gpu_type,
    partition: readName(notes, pointer, fields, 'partition'),
    qos: readName(notes, pointer, fields, 'qos'),
    account: readName(notes, pointer, fields, 'account'),
    constraint: readName(notes, pointer, fields, 'constraint'),
    nodes: counted('nodes', 1, 1_000_000),
    ntasks: counted('ntasks', 1, 10_000_000),
    exclude: readName(notes, pointer, fields, 'exclude'),
    reservation: readName(notes, pointer, fields, 'reservation'),
    // sbatch(1): the adjustment lies within ±2147483645.
    nice: counted('nice', -2_147_483_645, 2_147_483_645),
    requeue: requeue === true,
  };
  return location === null ? null : { location, ...compute };
}
