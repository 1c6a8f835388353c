import * as z from 'zod';
import { shown } from '../documents/excerpt.ts';
import { jsonDocument } from '../documents/json-document.ts';
import { editJson } from '../documents/json-edit.ts';
import { type LocatedDocument, parsed, problemOfFile } from '../documents/located.ts';
import { shape, type Unused, unusedParts } from '../documents/shape.ts';
import type { Drafted, Problem } from '../errors/problem.ts';
import { line } from './fields.ts';

/** `.autolab/todo_focus.json`: the tasks to do first (R7). */

export const TODO_FILE = '.autolab/todo_focus.json';

export interface FocusTask {
  readonly task_id: string;
  readonly stage: string | null;
  readonly source: string | null;
  readonly text: string;
}

export interface Todo {
  readonly generated_at: string | null;
  /** The stage of tasks that name none. */
  readonly stage: string | null;
  readonly open_task_count: number | null;
  readonly focus_tasks: readonly (FocusTask & { readonly open: boolean; readonly index: number })[];
}

const CLOSED = ['done', 'completed', 'complete', 'closed', 'resolved', 'cancelled', 'canceled', 'skipped', 'dropped'];

const task = z.object({
  task_id: line,
  stage: z.string().nullish(),
  source: z.string().nullish(),
  text: z.string().nullish(),
  status: z.string().nullish(),
  done: z.boolean().nullish(),
});

const schema = z.object({
  generated_at: z.string().nullish(),
  stage: z.string().nullish(),
  open_task_count: z.number().nullish(),
  focus_tasks: z.array(task).nullish(),
});

/** Only the tasks of the launch count. */
function unusedIn({ value }: LocatedDocument): Unused {
  const tasks: unknown = value?.['focus_tasks'];
  const others = (Array.isArray(tasks) ? tasks : []).flatMap((one: { stage?: unknown } | null, index) => {
    const stage: unknown = typeof one === 'object' ? one?.stage : undefined;
    const isOther = typeof stage === 'string' && stage.trim() !== '' && stage.trim().toLowerCase() !== 'launch';
    return isOther ? [`/focus_tasks/${index}`] : [];
  });
  return unusedParts(['/generated_at', '/open_task_count', ...others]);
}

/** Misspelled, a task would not come before a launch any more. */
const DECISIVE = ['focus_tasks', 'focus_tasks[].task_id', 'focus_tasks[].stage'];

function isOpen(fields: { readonly status?: unknown; readonly done?: unknown }): boolean {
  if (fields.done === true) return false;
  return typeof fields.status !== 'string' || !CLOSED.includes(fields.status.trim().toLowerCase());
}

export function parseTodo(text: string, file: string): Drafted<Todo> {
  const document = jsonDocument(text, file);
  const { value, draft: readable, problems } = shape(document, schema, {}, DECISIVE, unusedIn(document));
  if (readable === null) return { ...parsed<Todo>(file, null, problems), draft: null };
  const draft = todoOf(readable, placesOf(document));
  return { ...parsed(file, value === null ? null : draft, problems), draft };
}

/** The ids of the tasks as they are written, in order. */
function placesOf({ value }: LocatedDocument): readonly unknown[] {
  const tasks: unknown = value?.['focus_tasks'];
  return (Array.isArray(tasks) ? tasks : []).map((one: { task_id?: unknown } | null) => one?.task_id);
}

/** `written`: a task that is left out of the list moves those after it. */
function todoOf(value: z.infer<typeof schema>, written: readonly unknown[]): Todo {
  let next = 0;
  const indexOf = (id: string): number => {
    const index = written.indexOf(id, next);
    next = index + 1;
    return index;
  };
  return {
    generated_at: value.generated_at ?? null,
    stage: value.stage ?? null,
    open_task_count: value.open_task_count ?? null,
    focus_tasks: (value.focus_tasks ?? []).map((fields) => ({
      task_id: fields.task_id,
      index: indexOf(fields.task_id),
      stage: fields.stage ?? null,
      source: fields.source ?? null,
      text: fields.text ?? '',
      open: isOpen(fields),
    })),
  };
}

/** Open tasks of the stage `launch` (any case); a task without a stage belongs to the document's stage. */
export function openLaunchTasks(todo: Todo): readonly FocusTask[] {
  return todo.focus_tasks
    .filter(({ open, stage }) => open && (stage ?? todo.stage ?? '').trim().toLowerCase() === 'launch')
    .map(({ task_id, stage, source, text }) => ({ task_id, stage, source, text }));
}

/**
 * The text of the file without a task, and with the count of open tasks reduced; everything else stays. Returns the
 * problem `todo.unknown` if there is no such task, or the first problem of an unreadable file.
 */
export function markDone(text: string, id: string): { readonly text: string } | Problem {
  const { value, problems } = parseTodo(text, TODO_FILE);
  const removed = (value?.focus_tasks ?? []).filter((candidate) => candidate.task_id === id);
  if (value !== null && removed.length === 0)
    return problemOfFile(TODO_FILE, 'todo.unknown', `there is no task ${shown(id)}`);
  const closedNow = removed.filter((candidate) => candidate.open).length;
  const count = value?.open_task_count ?? null;
  const edited = editJson(text, {
    set: count === null ? {} : { open_task_count: Math.max(0, count - closedNow) },
    remove: { key: 'focus_tasks', isGone: (task) => (task as { readonly task_id?: unknown } | null)?.task_id === id },
  });
  if (value !== null && edited !== null) return { text: edited };
  return (
    problems.find(({ severity }) => severity === 'error') ??
    problemOfFile(TODO_FILE, 'file.syntax', 'the file cannot be read')
  );
}
