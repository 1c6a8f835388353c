import { quotePosix } from '../platform/quoting.ts';
import type { Entrypoint } from '../project/design.ts';

/** The words of the command that a design names. Pure. */

export const PLACEHOLDERS = ['run_id', 'run_dir', 'iteration_id', 'repo_root', 'scratch'] as const;
export type Placeholder = (typeof PLACEHOLDERS)[number];

export type WordPart = { readonly literal: string } | { readonly placeholder: Placeholder };
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
  // argparse and similar parsers read `--delta -1` as two options, but never `--delta=-1`.
  return text.startsWith('-') ? [`${flag}=${text}`] : [flag, text];
}

/** JSON without spaces, keys sorted at every level: the same design gives the same bytes. */
function compact(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}

const PLACEHOLDER = new RegExp(`\\{\\{\\s*(${PLACEHOLDERS.join('|')})\\s*\\}\\}`);

function wordOf(text: string): Word {
  // split() with one group gives literal, name, literal, name, …, literal.
  const parts = text
    .split(PLACEHOLDER)
    .map((part, index): WordPart => (index % 2 === 1 ? { placeholder: part as Placeholder } : { literal: part }))
    .filter((part) => !('literal' in part) || part.literal !== '');
  return parts.length === 0 ? [{ literal: '' }] : parts;
}

/** argv for one run. */
export function resolveWords(words: readonly Word[], values: Readonly<Record<Placeholder, string>>): string[] {
  return words.map((word) =>
    word.map((part) => ('literal' in part ? part.literal : values[part.placeholder])).join(''),
  );
}

/**
 * The words for a POSIX shell: literals quoted, placeholders as the variables that autolab sets, so that a script is
 * the same for every run of a design. A literal must not contain NUL; no other character is special.
 */
export function shellWords(words: readonly Word[]): string {
  return words.map(shellWord).join(' ');
}

function shellWord(word: Word): string {
  return word
    .map((part) => ('literal' in part ? quotePosix(part.literal) : `"\${${VARIABLES[part.placeholder]}}"`))
    .join('');
}

/** The placeholder of a variable; null for other variables. */
export function placeholderOf(variable: string): Placeholder | null {
  return PLACEHOLDERS.find((name) => VARIABLES[name] === variable) ?? null;
}
