import { GLOBAL_OPTIONS, type Verb, type VerbOption } from './verb.ts';

/**
 * What the parser would make of a call with plain words: the name of a verb, its operands, and options with their values.
 * Loading the parser takes as long as everything else that `status` does. Whatever is unusual or wrong is left to it.
 */

export interface Call {
  readonly name: string;
  readonly operands: readonly string[];
  /** Of the verb. */
  readonly own: GivenOptions;
  /** With those that every verb has, wherever they stand. */
  readonly all: GivenOptions;
}

type GivenOptions = Readonly<Record<string, unknown>>;

/** Null: ask the parser. */
export function quickCall(verbs: readonly Verb[], words: readonly string[]): Call | null {
  const named = verbNamed(verbs, words);
  if (named === null) return null;
  const { verb, path, rest } = named;
  const own: Record<string, unknown> = { color: true };
  const common: Record<string, unknown> = { color: true };
  const operands: string[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    if (!/^[^-]/.test(word)) {
      const read = readOption(verb, word, rest[at + 1]);
      if (read === null) return null;
      give(GLOBAL_OPTIONS.includes(read.option) ? common : own, read.option, read.value);
      if (read.tookNext) at += 1;
    } else operands.push(word);
  }
  if (!isNumberOf(verb, operands)) return null;
  return { name: path.join(' '), operands, own, all: { ...own, ...common } };
}

function verbNamed(
  verbs: readonly Verb[],
  [first, ...rest]: readonly string[],
): { readonly verb: Verb; readonly path: readonly string[]; readonly rest: readonly string[] } | null {
  const verb = verbs.find(({ name }) => name === first);
  if (verb === undefined) return null;
  if (verb.sub === undefined) return { verb, path: [verb.name], rest };
  const below = verbNamed(verb.sub, rest);
  return below === null ? null : { ...below, path: [verb.name, ...below.path] };
}

function readOption(
  verb: Verb,
  word: string,
  next: string | undefined,
): { readonly option: VerbOption; readonly value: string | null; readonly tookNext: boolean } | null {
  const [, flag = '', value = null] = /^(--[a-z][a-z-]*)=(.+)$/s.exec(word) ?? [null, word];
  const option = [...(verb.options ?? []), ...GLOBAL_OPTIONS].find(({ flags }) => flags.split(/[ ,]+/).includes(flag));
  // A value that may be left out, or the opposite of an option: nothing has them but --no-color.
  if (option === undefined || option.flags.includes('[')) return null;
  if (!option.flags.includes('<')) return value === null ? { option, value: null, tookNext: false } : null;
  if (value !== null) return { option, value, tookNext: false };
  return next !== undefined && /^[^-]/.test(next) ? { option, value: next, tookNext: true } : null;
}

/** As commander names them: `--on-interrupt` is `onInterrupt`, and `--no-color` makes `color` false. */
function give(given: Record<string, unknown>, { flags, repeated }: VerbOption, value: string | null): void {
  const [, no = '', long = ''] = /--(no-)?([a-z-]+)/.exec(flags) ?? [];
  const name = long.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const before = given[name];
  if (repeated === true) given[name] = [...(Array.isArray(before) ? (before as unknown[]) : []), value];
  else given[name] = value ?? no === '';
}

function isNumberOf({ operands = [] }: Verb, given: readonly string[]): boolean {
  const least = operands.filter(({ usage }) => usage.startsWith('<')).length;
  const most = operands.some(({ usage }) => usage.includes('...')) ? Infinity : operands.length;
  return given.length >= least && given.length <= most;
}
