import { shown } from '../documents/excerpt.ts';
import type { Notes } from '../documents/notes.ts';
import { readArgs } from './design-args.ts';
import { checkTotal, checkWord, wordAt } from './design-words.ts';
import { checkPlaceholders } from './placeholders.ts';
import { splitShellWords } from './shell-words.ts';

/** `entrypoint`: the command of the run, in one of three forms. */

export type Entrypoint =
  | { readonly kind: 'module'; readonly module: string; readonly args: Readonly<Record<string, unknown>> }
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'cli'; readonly line: string; readonly argv: readonly string[] };

const FORMS = ['module', 'command', 'cli'] as const;
const MODULE = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u;
const HOW = '`module: package.train`, `command: [python, train.py]` or `cli: "python train.py"`';

export function readEntrypoint(notes: Notes, pointer: string, value: unknown): Entrypoint | null {
  if (value === undefined || value === null) {
    notes.error(pointer, 'value.missing', `is missing; write a mapping with ${HOW}`);
    return null;
  }
  if (typeof value !== 'object' || Array.isArray(value)) {
    const form = Array.isArray(value) ? 'command: [...]' : 'cli: "..."';
    notes.error(pointer, 'value.type', `must be a mapping; write it as \`entrypoint: {${form}}\``);
    return null;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const given = FORMS.filter((form) => fields[form] !== undefined && fields[form] !== null);
  // An empty text beside another form is absent; alone it is a mistake.
  const full = given.filter((form) => fields[form] !== '');
  const present = full.length === 0 ? given : full;
  const [form, ...others] = present;
  if (form === undefined) {
    notes.error(pointer, 'value.missing', `has no command; write ${HOW}`);
    return null;
  }
  for (const other of others)
    notes.error(`${pointer}/${other}`, 'value.conflict', `conflicts with \`${form}\`; remove one of them`);
  if (form !== 'module' && fields['args'] !== undefined && fields['args'] !== null) {
    notes.error(`${pointer}/args`, 'value.conflict', `goes only with \`module\`; write the arguments into \`${form}\``);
  }
  const inner = `${pointer}/${form}`;
  if (form === 'module') return readModule(notes, inner, fields[form], `${pointer}/args`, fields['args']);
  return form === 'command' ? readCommand(notes, inner, fields[form]) : readCli(notes, inner, fields[form]);
}

function readModule(
  notes: Notes,
  pointer: string,
  module: unknown,
  argsPointer: string,
  given: unknown,
): Entrypoint | null {
  const args = readArgs(notes, argsPointer, given);
  if (args !== null)
    checkTotal(
      notes,
      argsPointer,
      Object.entries(args).flatMap(([key, value]) => [key, ...argumentWords(value)]),
    );
  if (typeof module !== 'string' || !MODULE.test(module) || module.endsWith('.py')) {
    const advice =
      typeof module === 'string' && module.endsWith('.py')
        ? `; a file is run with \`command: [python, ${module}]\``
        : '';
    notes.error(
      pointer,
      'value.invalid',
      `must be the dotted name of a Python module, such as \`package.train\`${advice}`,
    );
    return null;
  }
  return args === null ? null : { kind: 'module', module, args };
}

/** The words that a value becomes: here only their number and size count. */
function argumentWords(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(argumentWords);
  return [typeof value === 'string' ? value : JSON.stringify(value)];
}

function readCommand(notes: Notes, pointer: string, value: unknown): Entrypoint | null {
  if (!Array.isArray(value) || value.length === 0) {
    const advice = typeof value === 'string' ? '; a line of text goes under `cli`' : '';
    notes.error(
      pointer,
      'value.type',
      `must be a list of words, such as \`[python, train.py, --epochs, "3"]\`${advice}`,
    );
    return null;
  }
  const words = value.map((item: unknown, index) => wordAt(notes, `${pointer}/${index}`, item));
  const argv = words.filter((word) => word !== null);
  if (argv.length < words.length || !checkProgram(notes, `${pointer}/0`, argv[0] ?? '')) return null;
  checkTotal(notes, pointer, argv);
  return { kind: 'command', argv };
}

function readCli(notes: Notes, pointer: string, value: unknown): Entrypoint | null {
  if (typeof value !== 'string') {
    notes.error(
      pointer,
      'value.type',
      `must be one line of text in quotes${Array.isArray(value) ? '; a list goes under `command`' : ''}`,
    );
    return null;
  }
  // Before the split, which would split `{{ run_dir }}`.
  const line = checkPlaceholders(value);
  if (!line.ok) {
    notes.error(pointer, line.code, line.message);
    return null;
  }
  const split = splitShellWords(line.text);
  if (!split.ok) {
    notes.error(
      pointer,
      'value.invalid',
      `cannot be split into words: at character ${split.offset + 1}, ${split.message}`,
    );
    return null;
  }
  const words = split.words.map((word) => checkWord(notes, pointer, word));
  const argv = words.filter((word) => word !== null);
  if (argv.length < words.length || !checkProgram(notes, pointer, argv[0] ?? '')) return null;
  checkTotal(notes, pointer, argv);
  return { kind: 'cli', line: value, argv };
}

/** The first word names a program. */
function checkProgram(notes: Notes, pointer: string, word: string): boolean {
  if (word.trim() === '') {
    notes.error(pointer, 'value.invalid', 'names no program; write the program first, such as `python`');
    return false;
  }
  if (word.startsWith('-')) {
    notes.error(pointer, 'value.invalid', `begins with ${shown(word)}, an option; write the program before it`);
    return false;
  }
  const assignment = /^[A-Za-z_][A-Za-z0-9_]*=/.exec(word)?.[0];
  if (assignment === undefined) return true;
  notes.error(
    pointer,
    'value.invalid',
    `begins with ${shown(word)}, which only a shell takes for a variable; write \`env\` before it`,
  );
  return false;
}
