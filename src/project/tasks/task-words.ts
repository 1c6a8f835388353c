import { listed, shown } from '../../documents/excerpt.ts';
import type { Notes } from '../../documents/notes.ts';
import { pointerOf } from '../../documents/pointer.ts';
import type { Entrypoint } from '../design-entrypoint.ts';
import { taskPlaceholders } from '../placeholders.ts';
import type { LongestValues } from './task-sizes.ts';

/** The placeholders of tasks in an entrypoint. */

/** Linux takes 128 KiB in one argument (MAX_ARG_STRLEN). */
const MOST_WORD_BYTES = 128 * 1024 - 1;
const ALWAYS = ['task.index', 'task_dir'];
const PARAMETER = 'task.';
const POSIX_SHELLS = ['sh', 'bash', 'dash', 'ksh', 'zsh'];

interface WrittenWord {
  readonly pointer: string;
  readonly text: string;
}

/** `written`: the part at the pointer, as the file has it. */
export function noTaskWords(notes: Notes, at: string, written: unknown): void {
  for (const { pointer, text } of wordsIn(at, written))
    for (const name of new Set(taskPlaceholders(text)))
      notes.error(
        pointer,
        'placeholder.unknown',
        `contains ${shown(`{{${name}}}`)}, and the design has no tasks; write them: \`tasks: {grid: {seed: [0, 1, 2]}}\``,
      );
}

/** What is wrong whatever the names of the parameters are. */
export function checkTaskPlaces(notes: Notes, entrypoint: Entrypoint, written: unknown): void {
  const words = wordsIn('/entrypoint', written);
  if (entrypoint.kind === 'module') {
    checkRunFolder(notes, words);
    return;
  }
  const place = (at: number): string =>
    entrypoint.kind === 'command' ? `/entrypoint/command/${at}` : '/entrypoint/cli';
  const [program = ''] = entrypoint.argv;
  const [inProgram] = taskPlaceholders(program);
  if (inProgram !== undefined)
    notes.error(
      place(0),
      'value.invalid',
      `names a program with ${shown(`{{${inProgram}}}`)}, and all tasks run the same one; write the program, and the value after it`,
    );
  const isShell = POSIX_SHELLS.includes(program.split('/').at(-1) ?? '');
  const at = entrypoint.argv.findIndex(
    (_, index) => index > 1 && isShell && /^-\w*c$/.test(entrypoint.argv[index - 1] ?? ''),
  );
  const [inText] = parametersIn(entrypoint.argv[at] ?? '');
  if (inText !== undefined)
    notes.warn(
      place(at),
      'value.invalid',
      `has ${shown(`{{task.${inText}}}`)} in the text of a shell, which would run what a value contains; pass it as an argument: ${shown(`'… "$1"'`)}, ${shown('bash')}, ${shown(`{{task.${inText}}}`)}`,
    );
  checkRunFolder(notes, words);
}

/** All tasks have the run's folder in common. */
function checkRunFolder(notes: Notes, words: readonly WrittenWord[]): void {
  const shared = words.find(({ text }) => /\{\{\s*run_dir\s*\}\}/.test(text));
  if (shared === undefined || words.some(({ text }) => taskPlaceholders(text).includes('task_dir'))) return;
  const message = `gives all tasks the same folder, ${shown('{{run_dir}}')}; a task's own is ${shown('{{task_dir}}')}`;
  notes.warn(shared.pointer, 'value.conflict', message);
}

/** `source`: the pointer of what names the parameters, for those that are not used. */
export function checkTaskNames(notes: Notes, written: unknown, longest: LongestValues, source: string): void {
  const words = wordsIn('/entrypoint', written);
  const names = [...longest.keys()];
  const known = [...names.map((name) => `${PARAMETER}${name}`), ...ALWAYS];
  for (const { pointer, text } of words) {
    for (const name of new Set(taskPlaceholders(text).filter((each) => !known.includes(each))))
      notes.error(
        pointer,
        'placeholder.unknown',
        `contains ${shown(`{{${name}}}`)}, and the tasks have no such parameter; write ${listed(known.map((each) => `{{${each}}}`))}`,
      );
    const most = filledBytes(text, longest);
    if (most > MOST_WORD_BYTES)
      notes.error(
        pointer,
        'value.invalid',
        `would have ${most} bytes with the longest values, and one argument takes at most ${MOST_WORD_BYTES}`,
      );
  }
  const used = new Set(words.flatMap(({ text }) => parametersIn(text)));
  const idle = names.filter((name) => !used.has(name));
  if (idle.length === names.length)
    notes.warn(
      source,
      'value.not_used',
      'has no parameter that the entrypoint names; its program finds them in AUTOLAB_TASK_PARAMS only',
    );
  else
    for (const name of idle) {
      const own = source.endsWith('/grid') ? pointerOf([name]) : '';
      const what = own === '' ? `has a parameter ${shown(name)} that` : 'is a parameter that';
      notes.warn(
        source + own,
        'value.not_used',
        `${what} the entrypoint does not name; write ${shown(`{{task.${name}}}`)} there, unless its program reads AUTOLAB_TASK_PARAMS`,
      );
    }
}

function filledBytes(text: string, longest: LongestValues): number {
  const parameters = parametersIn(text);
  if (parameters.length === 0) return 0;
  return parameters.reduce((sum, name) => sum + (longest.get(name) ?? 0), Buffer.byteLength(text));
}

function parametersIn(text: string): readonly string[] {
  return taskPlaceholders(text).flatMap((name) =>
    name.startsWith(PARAMETER) && !ALWAYS.includes(name) ? [name.slice(PARAMETER.length)] : [],
  );
}

/** Every text of a value, with its place. */
function wordsIn(pointer: string, value: unknown): readonly WrittenWord[] {
  if (typeof value === 'string') return [{ pointer, text: value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => wordsIn(pointer + pointerOf([key]), item));
}
