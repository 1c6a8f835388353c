import type { Completion, Operand, Verb, VerbOption } from './verb.ts';
import { VERBS } from './verbs.ts';

/** What a word of the command line can be completed to. Pure, but for the names of a project. */

export interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** Names that only the project knows. */
export interface Asked {
  readonly what: 'run' | 'active-run' | 'task';
  /** What was typed of the name. */
  readonly word: string;
  /** What comes before the name in the same word, such as `--run=`. */
  readonly prefix: string;
  /** Of `-C`. */
  readonly directory: string | null;
}

/** The shell completes these itself. */
const FILE: Candidate = { word: ':file', description: '' };
const FOLDER: Candidate = { word: ':folder', description: '' };

const GLOBALS: readonly VerbOption[] = [
  { flags: '-C, --directory <dir>', description: 'use the project in this folder', complete: 'folder' },
  { flags: '--json', description: 'print exactly one JSON object' },
  { flags: '-q, --quiet', description: 'print no progress' },
  { flags: '-v, --verbose', description: 'print more' },
  { flags: '--no-color', description: 'print no colours' },
  { flags: '-h, --help', description: 'show help' },
];

interface Line {
  readonly verb: Verb | null;
  readonly operands: readonly string[];
  /** The option whose value the current word is. */
  readonly pending: VerbOption | null;
  readonly directory: string | null;
}

export function candidatesFor(given: readonly string[]): readonly Candidate[] | Asked {
  // bash splits `--stream=err` into three words.
  const words = given.filter((word, index) => word !== '=' || index === given.length - 1);
  const current = (words.at(-1) ?? '').replace(/^=$/, '');
  const line = readLine(words.slice(0, -1));
  const { verb, pending, directory } = line;
  if (isOfCommand(line, words)) return [FILE];
  if (pending !== null) return complete(pending.complete, current, '', directory);
  const [, option = '', value = ''] = /^(--[a-z-]+=)(.*)$/s.exec(current) ?? [];
  if (option !== '') return complete(optionOf(verb, option.slice(0, -1))?.complete, value, option, directory);
  if (current.startsWith('-')) return startingWith(current, optionWords(verb));
  const below = verbsAfter(line);
  if (below !== null)
    return startingWith(
      current,
      below.map(({ name, summary }) => ({ word: name, description: summary })),
    );
  return complete(operandAt(verb, line.operands.length)?.complete, current, '', directory);
}

/** The script of a run, and its data. */
function isOfCommand({ verb }: Line, words: readonly string[]): boolean {
  return verb?.command === true && words.slice(0, -1).includes('--');
}

/** The last one may take several words. */
function operandAt(verb: Verb | null | undefined, index: number): Operand | undefined {
  const operands = verb?.operands ?? [];
  const last = operands.at(-1);
  return operands[index] ?? (last?.usage.includes('...') === true ? last : undefined);
}

/** The verbs that the current word may be; null if an operand comes next. */
function verbsAfter({ verb, operands }: Line): readonly Verb[] | null {
  const visible = (verbs: readonly Verb[] | undefined): readonly Verb[] =>
    (verbs ?? []).filter(({ hidden }) => hidden !== true);
  if (verb === null) return visible(VERBS);
  if (verb.name !== 'help') return verb.sub === undefined ? null : visible(verb.sub);
  const [first] = operands;
  return visible(first === undefined ? VERBS : VERBS.find(({ name }) => name === first)?.sub);
}

function readLine(words: readonly string[]): Line {
  let verb: Verb | null = null;
  let pending: VerbOption | null = null;
  let directory: string | null = null;
  const operands: string[] = [];
  for (const word of words) {
    if (pending !== null) {
      if (pending.flags.startsWith('-C')) directory = word;
      pending = null;
    } else if (word.startsWith('-')) {
      const option = optionOf(verb, word);
      if (option?.flags.includes('<') === true) pending = option;
    } else {
      const below: Verb | undefined = (verb === null ? VERBS : (verb.sub ?? [])).find(({ name }) => name === word);
      if (below === undefined) operands.push(word);
      else verb = below;
    }
  }
  return { verb, operands, pending, directory };
}

function optionOf(verb: Verb | null, word: string): VerbOption | undefined {
  return [...(verb?.options ?? []), ...GLOBALS].find(({ flags }) => flags.split(/[ ,]+/).includes(word));
}

function optionWords(verb: Verb | null): readonly Candidate[] {
  const version: readonly VerbOption[] =
    verb === null ? [{ flags: '-V, --version', description: 'print the version' }] : [];
  return [...(verb?.options ?? []), ...GLOBALS, ...version].flatMap(({ flags, description }) =>
    (flags.match(/--[a-z-]+/g) ?? []).map((word) => ({ word, description })),
  );
}

function complete(
  completion: Completion | undefined,
  word: string,
  prefix: string,
  directory: string | null,
): readonly Candidate[] | Asked {
  if (completion === undefined) return [];
  if (completion === 'file') return [FILE];
  if (completion === 'folder') return [FOLDER];
  if (typeof completion === 'string') return { what: completion, word, prefix, directory };
  return startingWith(
    word,
    completion.map((known) => ({ word: known, description: '' })),
  ).map((candidate) => ({
    ...candidate,
    word: `${prefix}${candidate.word}`,
  }));
}

function startingWith(word: string, candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.filter((candidate) => candidate.word.startsWith(word));
}
