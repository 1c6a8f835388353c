import { invisibleInName } from '../../documents/characters.ts';
import type { Notes } from '../../documents/notes.ts';
import { type Fields, itSays, readText } from './values.ts';

/**
 * Keys of `compute` that are text. They become part of `#SBATCH` lines: no character may end a line or begin an option.
 */

const NAMES = /^[A-Za-z0-9_][A-Za-z0-9_.+@-]*(?:,[A-Za-z0-9_][A-Za-z0-9_.+@-]*)*$/;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.+@-]*$/;
const HOSTS = /^[A-Za-z0-9_][A-Za-z0-9_.,[\]-]*$/;
const HOSTS_WORDS = 'host names, such as `node[01-03],node07`';

const PATTERNS = {
  partition: [NAMES, 'the name of a partition, or several with commas between'],
  qos: [NAME, 'the name of a QOS'],
  account: [NAME, 'the name of an account'],
  constraint: [/^[A-Za-z0-9_([][A-Za-z0-9_.&|*,:()[\]=+-]*$/, 'features joined by `&` or `|`, without spaces'],
  gpu_type: [NAME, 'the name of the type on the cluster, such as `a100`'],
  exclude: [HOSTS, HOSTS_WORDS],
  nodelist: [HOSTS, HOSTS_WORDS],
  reservation: [NAMES, 'the name of a reservation'],
  licenses: [
    /^[A-Za-z0-9_][A-Za-z0-9_.+@:=|-]*(?:,[A-Za-z0-9_][A-Za-z0-9_.+@:=|-]*)*$/,
    'licenses with their numbers, such as `matlab:2,ansys@server`',
  ],
  mail_user: [NAMES, 'a user or a mail address'],
  wckey: [/^[A-Za-z0-9_*][A-Za-z0-9_.+@*-]*$/, 'a workload characterization key'],
  // sbatch(1): clock times, dates, `now+1hour`, `tomorrow`. sbatch itself decides which are valid.
  begin: [
    /^[A-Za-z0-9][A-Za-z0-9:+/. -]*$/,
    'a time as sbatch reads it, such as `16:00`, `2027-01-20T12:34:00` or `now+1hour`',
  ],
  cluster: [/^(?!all$)[A-Za-z0-9_][A-Za-z0-9_.-]*$/i, 'the name of one cluster (`sacctmgr show clusters`)'],
} as const satisfies Record<string, readonly [RegExp, string]>;

export type NameKey = keyof typeof PATTERNS;

export function readName(notes: Notes, pointer: string, fields: Fields, key: NameKey): string | null {
  const [pattern, what] = PATTERNS[key];
  return readText(notes, `${pointer}/${key}`, fields[key], pattern, what);
}

/** Free text on one line. */
export function readComment(notes: Notes, pointer: string, value: unknown): string | null {
  return readText(
    notes,
    pointer,
    value,
    (text) => invisibleInName(text) === null,
    'a text of one line, of at most 1024 characters',
  );
}

/** sbatch(1), `--mail-type`; ARRAY_TASKS is about arrays. */
const EVENTS = (
  'NONE BEGIN END FAIL REQUEUE ALL INVALID_DEPEND STAGE_OUT TIME_LIMIT TIME_LIMIT_90 TIME_LIMIT_80 ' +
  'TIME_LIMIT_50 ARRAY_TASKS'
).split(' ');

/** In capital letters: Slurm takes either case. */
export function readMailType(notes: Notes, pointer: string, value: unknown): string | null {
  const events = (text: string): readonly string[] => text.toUpperCase().split(',');
  const text = readText(
    notes,
    pointer,
    value,
    (one) => events(one).every((event) => EVENTS.includes(event)),
    'events with commas between, such as `END,FAIL` (NONE, BEGIN, END, FAIL, REQUEUE, TIME_LIMIT_90, …, or ALL)',
  );
  return text === null ? null : events(text).join(',');
}

/** sbatch(1), `--exclusive`. */
export type Exclusive = boolean | 'user' | 'mcs' | 'topo';

export function readExclusive(notes: Notes, pointer: string, value: unknown): Exclusive {
  if (value === 'user' || value === 'mcs' || value === 'topo') return value;
  if (value === undefined || value === null || value === '' || value === false) return false;
  if (value === true) return true;
  notes.error(
    pointer,
    typeof value === 'string' ? 'value.invalid' : 'value.type',
    `must be \`true\`, \`false\`, \`user\`, \`mcs\` or \`topo\`; ${itSays(notes, pointer)}`,
  );
  return false;
}
