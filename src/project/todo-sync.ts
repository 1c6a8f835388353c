import { canonicalJson } from '../documents/canonical-json.ts';
import { shown } from '../documents/excerpt.ts';
import { editJson } from '../documents/json-edit.ts';
import type { Problem } from '../errors/problem.ts';
import { parseTodo, type Todo, TODO_FILE } from './todo.ts';
import { type ListedTask, TODO_LIST_FILE } from './todo-list.ts';

/** Brings `todo_focus.json` up to date with `docs/todo.md`. Tasks from elsewhere keep their bytes. Pure. */

export interface SyncedFocus {
  readonly text: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

interface NewFile {
  readonly generated_at: string;
  /** Of the workflow: the stage of tasks that name none, which others may add. */
  readonly stage: string;
}

type Entry = Todo['focus_tasks'][number];

/** `text`: of the file; null if there is none. Returns the problems of a file that cannot be edited. */
export function syncFocus(
  text: string | null,
  listed: readonly ListedTask[],
  news: NewFile,
): SyncedFocus | readonly Problem[] {
  const open = listed.filter(({ done }) => !done);
  const read = text === null ? null : parseTodo(text, TODO_FILE);
  if (read !== null && read.value === null) return read.problems;
  const there = read?.value?.focus_tasks ?? [];
  const others = there.filter(({ source }) => source !== TODO_LIST_FILE);
  const clashes = open.flatMap((task) => clashOf(task, others));
  if (clashes.length > 0) return clashes;
  const own = there.filter(({ source }) => source === TODO_LIST_FILE);
  const gone = own.filter((entry) => !stays(entry, open));
  const kept = new Set(own.filter((entry) => stays(entry, open)).map(({ task_id }) => task_id));
  const added = open.filter(({ task_id }) => !kept.has(task_id));
  const count = [...others, ...own.filter(({ task_id }) => kept.has(task_id))].filter((entry) => entry.open).length;
  const change = { gone, added, count: count + added.length };
  const changed = text === null ? newFocus(change, news) : editedFocus(text, change, read?.value ?? null, news);
  return { text: changed, added: added.map(idOf), removed: gone.map(idOf) };
}

function idOf({ task_id }: { readonly task_id: string }): string {
  return task_id;
}

function clashOf({ task_id, line }: ListedTask, others: readonly Entry[]): readonly Problem[] {
  const other = others.find((entry) => entry.task_id === task_id);
  if (other === undefined) return [];
  const message = `the id ${shown(task_id)} is that of a task from ${shown(other.source ?? 'elsewhere')} in ${TODO_FILE}; choose another`;
  return [{ file: TODO_LIST_FILE, line, column: 1, pointer: null, code: 'value.conflict', severity: 'error', message }];
}

/** As the list has it; one that was marked as done in the file does not come back. */
function stays(entry: Entry, open: readonly ListedTask[]): boolean {
  const task = open.find(({ task_id }) => task_id === entry.task_id);
  if (task === undefined) return false;
  return !entry.open || (entry.stage === task.stage && entry.text === task.text);
}

interface FocusChange {
  readonly gone: readonly Entry[];
  readonly added: readonly ListedTask[];
  readonly count: number;
}

function entryFor({ task_id, stage, text }: ListedTask): Readonly<Record<string, unknown>> {
  return { task_id, stage, source: TODO_LIST_FILE, text };
}

function newFocus({ added, count }: FocusChange, { generated_at, stage }: NewFile): string {
  return canonicalJson({ generated_at, stage, open_task_count: count, focus_tasks: added.map(entryFor) });
}

/** The time says when the tasks changed, so a call that changes none leaves the file. */
function editedFocus(text: string, change: FocusChange, before: Todo | null, { generated_at }: NewFile): string {
  const { gone, added, count } = change;
  if (gone.length === 0 && added.length === 0 && before?.open_task_count === count) return text;
  const ids = new Set(gone.map(idOf));
  const isGone = (item: unknown): boolean => {
    const { task_id, source } = (item ?? {}) as { readonly task_id?: unknown; readonly source?: unknown };
    return source === TODO_LIST_FILE && typeof task_id === 'string' && ids.has(task_id);
  };
  const set = { open_task_count: count, generated_at };
  const edited = editJson(text, { set, remove: { key: 'focus_tasks', isGone } }) ?? text;
  return added.reduce(
    (result, task) => editJson(result, { set: {}, append: { key: 'focus_tasks', item: entryFor(task) } }) ?? result,
    edited,
  );
}
