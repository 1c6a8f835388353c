import { resolve } from 'node:path';
import { plainly } from '../documents/excerpt.ts';
import { type LocatedDocument, problemOfFile } from '../documents/located.ts';
import { notesFor } from '../documents/notes.ts';
import { yamlDocument } from '../documents/yaml-document.ts';
import type { Problem } from '../errors/problem.ts';
import { readDocument } from '../platform/document.ts';
import { firstFew } from '../platform/listing.ts';
import { quoteArgv } from '../platform/quoting.ts';
import type { Design } from '../project/design.ts';
import { withArgument } from '../project/design-changes.ts';
import type { Entrypoint } from '../project/design-entrypoint.ts';
import { entrypointScript } from '../project/entrypoint-script.ts';
import { inWordsOfTheCall, type WishedDesign } from '../project/new-wish.ts';
import { designFileOf } from '../project/read.ts';
import { checkTaskSource } from '../project/tasks/check-tasks.ts';
import { expandTasks } from '../project/tasks/expand.ts';
import { parseTaskFile } from '../project/tasks/read-task-file.ts';
import { readTaskSource, type TaskSourceRead } from '../project/tasks/read-task-source.ts';
import { parameterRanges, type TaskList } from '../records/tasks/task-list.ts';
import type { NewCopy } from './new-list.ts';

/** The tasks of a new experiment, and how its command gets their parameters. */

/** As the result has it. */
export interface NewTasks {
  readonly count: number;
  /** Their names. */
  readonly parameters: readonly string[];
  /** Relative to the project; null if they stand in the design. */
  readonly file: string | null;
}

export interface TasksOfNew {
  readonly told: NewTasks;
  /** `12 tasks (seed: 3 values, lr: 4 values)`. */
  readonly words: string;
  /** The command of the first one; null for an entrypoint that is a module. */
  readonly first: string | null;
}

interface WithTasks {
  /** Null if the run has one task, or the tasks cannot be read. */
  readonly found: TasksOfNew | null;
  /** Those of the design, and of its tasks. */
  readonly problems: readonly Problem[];
}

/** `copy`: the list of tasks, if it is not in the project yet. */
export function tasksOfNew(
  root: string,
  { text, design, problems }: Pick<WishedDesign, 'text' | 'design' | 'problems'>,
  copy: NewCopy | null,
): WithTasks {
  if (design === null || design.tasks === null) return { found: null, problems };
  const file = designFileOf(design.iteration_id);
  const document = yamlDocument(text, file);
  const read = copy === null ? readTaskSource(root, document, design.tasks) : readCopy(copy, document);
  const own = read.problems.map((problem) => (problem.file === file ? inWordsOfTheCall(problem, file) : problem));
  if (read.tasks === null) return { found: null, problems: [...problems, ...own] };
  const list = expandTasks(read.tasks);
  const { source } = design.tasks;
  const told = { count: list.tasks.length, parameters: list.names, file: source.kind === 'file' ? source.file : null };
  const found = { told, words: wordsOf(list), first: firstCommand(design.entrypoint, list) };
  return { found, problems: judged(root, design, list, [...problems, ...own]) };
}

function readCopy({ from, text }: NewCopy, document: LocatedDocument): Pick<TaskSourceRead, 'tasks' | 'problems'> {
  const { value, problems } = parseTaskFile(text, from);
  const notes = notesFor(document);
  if (value !== null) checkTaskSource(notes, value, '/tasks/file');
  return { tasks: value, problems: [...problems, ...notes.problems] };
}

/** What the design only warns of: a new experiment whose tasks would all do the same is a slip. */
function judged(root: string, design: Design, { names }: TaskList, problems: readonly Problem[]): readonly Problem[] {
  const { entrypoint, iteration_id } = design;
  const others = problems.filter((problem) => !isOfUnused(problem));
  if (readsVariables(root, entrypoint)) return others;
  const text = JSON.stringify(entrypoint);
  if ([...names, 'index'].some((name) => text.includes(`{{task.${name}}}`))) return problems;
  const message = `the command uses none of the parameters, so all tasks would do the same; ${wordsFor(entrypoint, names)}`;
  return [...others, problemOfFile(designFileOf(iteration_id), 'value.invalid', message)];
}

function isOfUnused({ code, pointer }: Problem): boolean {
  return code === 'value.not_used' && /^\/tasks\/(?:grid|list|file)(?:\/|$)/.test(pointer ?? '');
}

const MOST_BYTES = 1024 * 1024;

/** Whether the command, or the script that it names, knows what a task has in its environment. */
function readsVariables(root: string, entrypoint: Entrypoint): boolean {
  if (entrypoint.kind === 'module') return false;
  if (entrypoint.argv.some((word) => word.includes('AUTOLAB_TASK_'))) return true;
  const script = entrypointScript(entrypoint.argv);
  const read = script === null ? null : readDocument(resolve(root, script), MOST_BYTES);
  return read?.kind === 'text' && read.text.includes('AUTOLAB_TASK_');
}

function wordsFor(entrypoint: Entrypoint, names: readonly string[]): string {
  if (entrypoint.kind === 'module')
    return `write \`args: {${names.map((name) => `${name}: "{{task.${name}}}"`).join(', ')}}\``;
  const argv = names.reduce<readonly string[]>((words, name) => {
    const value = `{{task.${name}}}`;
    return withArgument(words, name, value) ?? [...words, `--${name}`, value];
  }, entrypoint.argv);
  return `write: -- ${quoteArgv(argv)}`;
}

const MOST_NAMED = 5;

function wordsOf(list: TaskList): string {
  const ranges = parameterRanges(list).map(({ name, values }) => `${name}: ${countOf(values, 'value')}`);
  return `${countOf(list.tasks.length, 'task')} (${firstFew(ranges, MOST_NAMED)})`;
}

function countOf(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function firstCommand(entrypoint: Entrypoint, { tasks }: TaskList): string | null {
  const [task] = tasks;
  if (entrypoint.kind === 'module' || task === undefined) return null;
  const words = entrypoint.argv.map((word) =>
    word.replaceAll(/\{\{task\.(\w+)\}\}/g, (whole, name: string) =>
      name === 'index' ? '0' : (task.params[name] ?? whole),
    ),
  );
  return plainly(quoteArgv(words));
}
