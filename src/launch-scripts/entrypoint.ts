import { quotePosix } from '../platform/quoting.ts';
import type { Entrypoint } from '../project/design.ts';

/** The words of the command that a design names. Pure. */

export const PLACEHOLDERS = ['run_id', 'run_dir', 'iteration_id', 'repo_root', 'scratch'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

export type WordPart =
  | { readonly literal: string }
  | { readonly placeholder: Placeholder }
  /** `task_dir`, `task.index`, or `task.NAME`: another value for each task. */
  | { readonly ofTask: string };
/** One argument; its parts are joined without a separator. Never empty: an empty argument is one empty literal. */
export type Word = readonly WordPart[];

/** The variable that passes a placeholder's value to a script. */
const VARIABLES = {
  run_id: 'AUTOLAB_RUN_ID',
  run_dir: 'AUTOLAB_RUN_DIR',
  iteration_id: 'AUTOLAB_ITERATION_ID',
  repo_root: 'AUTOLAB_REPO_ROOT',
  scratch: 'AUTOLAB_SCRATCH',
} as const satisfies Record<Placeholder, string>;

/**
 * The command as words: `<python> -m module` with flags, or the design's argv. Text that is not a known placeholder is
 * literal, whatever it looks like: the design's reader has rejected unknown placeholders.
 */
export function entrypointWords(entrypoint: Entrypoint, python: string): Word[] {
  if (entrypoint.kind !== 'module') return entrypoint.argv.map(wordOf);
  const flags = Object.keys(entrypoint.args)
    .sort()
    .flatMap((key) => flagWords(`--${key.replaceAll('_', '-')}`, entrypoint.args[key]));
  return [[{ literal: python }], ...['-m', entrypoint.module, ...flags].map(wordOf)];
}

function flagWords(flag: string, value: unknown): string[] {
  if (value === true) return [flag];
  if (value === false || value === null || value === undefined) return [];
  if (Array.isArray(value))
    return value.flatMap((item: unknown) => flagWords(flag, Array.isArray(item) ? compact(item) : item));
  const text = typeof value === 'string' ? value : compact(value);
  // argparse and similar parsers read `--delta -1` as two options, but never `--delta=-1`. A task may have such a value.
  return /^(?:-|\{\{task\.)/.test(text) ? [`${flag}=${text}`] : [flag, text];
}

/** JSON without spaces, keys sorted at every level: the same design gives the same bytes. */
function compact(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

const OF_TASK = 'task_dir|task\\.[A-Za-z_][A-Za-z0-9_]*';
const PLACEHOLDER = new RegExp(`\\{\\{\\s*(${PLACEHOLDERS.join('|')}|${OF_TASK})\\s*\\}\\}`);

function wordOf(text: string): Word {
  // split() with one group gives literal, name, literal, name, …, literal.
  const parts = text
    .split(PLACEHOLDER)
    .map((part, index): WordPart => (index % 2 === 1 ? placeholderPart(part) : { literal: part }))
    .filter((part) => !('literal' in part) || part.literal !== '');
  return parts.length === 0 ? [{ literal: '' }] : parts;
}

function placeholderPart(name: string): WordPart {
  return name.startsWith('task') ? { ofTask: name } : { placeholder: name as Placeholder };
}

/** The variable of the script that has it. */
function taskVariable(name: string): string {
  if (name === 'task_dir') return 'AUTOLAB_TASK_DIR';
  return name === 'task.index' ? 'AUTOLAB_TASK_INDEX' : `autolab_task_${name.slice('task.'.length)}`;
}

/** argv for one run; what differs between its tasks stays a placeholder. */
export function resolveWords(words: readonly Word[], values: Readonly<Record<Placeholder, string>>): string[] {
  return words.map((word) => word.map((part) => resolvedPart(part, values)).join(''));
}

/** What the placeholders of one task stand for. */
export interface TaskOfArgv {
  readonly index: number;
  /** Absolute. */
  readonly folder: string;
  readonly params: Readonly<Record<string, string>>;
}

const TASK_PLACEHOLDER = new RegExp(`\\{\\{(${OF_TASK})\\}\\}`, 'g');

/** argv of one task, from what `resolveWords` made of it for all of them. */
export function taskWords(argv: readonly string[], { index, folder, params }: TaskOfArgv): string[] {
  const valueOf = (name: string): string => {
    if (name === 'task_dir') return folder;
    return name === 'task.index' ? String(index) : (params[name.slice('task.'.length)] ?? '');
  };
  return argv.map((word) => word.replace(TASK_PLACEHOLDER, (_, name: string) => valueOf(name)));
}

/**
 * The words for a POSIX shell: literals quoted, placeholders as the variables that autolab sets, so that a script is
 * the same for every run of a design. A literal must not contain NUL; no other character is special.
 */
export function shellWords(words: readonly Word[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: Word): string {
  return word.map((part) => ('literal' in part ? quotePosix(part.literal) : `"\${${variableOf(part)}}"`)).join('');
}

function variableOf(part: Exclude<WordPart, { literal: string }>): string {
  return 'ofTask' in part ? taskVariable(part.ofTask) : VARIABLES[part.placeholder];
}

function resolvedPart(part: WordPart, values: Readonly<Record<Placeholder, string>>): string {
  if ('literal' in part) return part.literal;
  return 'ofTask' in part ? `{{${part.ofTask}}}` : values[part.placeholder];
}

/** The part of a word that a variable is; null for other variables. */
export function partOfVariable(variable: string): WordPart | null {
  const placeholder = PLACEHOLDERS.find((name) => VARIABLES[name] === variable);
  if (placeholder !== undefined) return { placeholder };
  const param = /^autolab_task_(\w+)$/.exec(variable)?.[1];
  const names = ['task_dir', 'task.index', ...(param === undefined ? [] : [`task.${param}`])];
  const ofTask = names.find((name) => taskVariable(name) === variable);
  return ofTask === undefined ? null : { ofTask };
}
