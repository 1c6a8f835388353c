import { join } from 'node:path';
import { hasErrors } from '../documents/located.ts';
import { readSource, type SourceRead } from '../documents/source.ts';
import { fail, type Failure, failureOf, ok, type Result } from '../errors/failure.ts';
import type { Problem } from '../errors/problem.ts';
import { guardPlace } from '../plan/guard.ts';
import { realPathOr, writeFileIfChanged } from '../platform/files.ts';
import { now } from '../platform/time.ts';
import { markDone, parseTodo } from '../project/todo.ts';
import { type ListedTask, parseTodoList, tickTask, TODO_LIST_FILE } from '../project/todo-list.ts';
import { type SyncedFocus, syncFocus } from '../project/todo-sync.ts';
import { withFileLock } from '../records/file-lock.ts';
import { TODO_FOCUS } from '../records/paths.ts';
import { lightState } from '../run/light-state.ts';

/** The list of tasks that people keep, and the file of those that come first. The list is written first, then the file. */

const LOCK = '.autolab/todo.lock';

/** One writer at a time. */
export async function withTodoLock<T>(root: string, act: () => Result<T>): Promise<Result<T>> {
  for (const place of [TODO_LIST_FILE, TODO_FOCUS]) {
    const escape = guardPlace(root, place);
    if (escape !== null) return { ok: false, failure: escape };
  }
  const outcome = await withFileLock(join(root, LOCK), act);
  if (outcome.ok) return outcome.value;
  return { ok: false, failure: failureOf('lease.held', { message: `${outcome.message}.`, hint: outcome.hint }) };
}

function writeText(root: string, file: string, text: string, bom: boolean): boolean {
  return writeFileIfChanged(realPathOr(join(root, file)), `${bom ? '\uFEFF' : ''}${text}`);
}

export interface TodoSync extends Omit<SyncedFocus, 'text'> {
  readonly open: readonly ListedTask[];
  readonly changed: boolean;
  /** Warnings. */
  readonly problems: readonly Problem[];
}

const EXAMPLE = `Write it, with a line such as: - [ ] raise the time limit (stage: launch)`;

export function syncNow(root: string): Result<TodoSync> {
  const list = readSource(root, TODO_LIST_FILE);
  const isEmpty = list.problems.some(({ code }) => code === 'file.empty');
  if (list.missing) return { ok: false, failure: { ...invalid(list.problems), hint: EXAMPLE } };
  if (list.text === null && !isEmpty) return { ok: false, failure: invalid(list.problems) };
  const { tasks, problems } = parseTodoList(list.text ?? '');
  if (hasErrors(problems)) return { ok: false, failure: invalid(problems) };
  const focus = readSource(root, TODO_FOCUS);
  if (focus.text === null && !focus.missing) return { ok: false, failure: invalid(focus.problems) };
  const synced = syncFocus(focus.text, tasks, { generated_at: now(), stage: lightState(root)?.stage ?? 'launch' });
  if (!('text' in synced)) return { ok: false, failure: invalid(synced) };
  const { text, added, removed } = synced;
  const nothing = focus.missing && added.length === 0;
  const changed = !nothing && text !== focus.text && writeText(root, TODO_FOCUS, text, false);
  return ok({ open: tasks.filter(({ done }) => !done), added, removed, changed, problems });
}

function invalid(problems: Failure['problems']): Failure {
  return failureOf('config.invalid', {
    message: 'The tasks cannot be read; nothing was taken over, good lines neither.',
    problems,
  });
}

/** Ticks the task in the list, and takes it out of the file. Returns what was done; each may have been done before. */
export function closeTask(root: string, id: string): Result<{ readonly ticked: boolean; readonly removed: boolean }> {
  const focus = readSource(root, TODO_FOCUS);
  const marked = withoutTask(focus, id);
  if (!marked.ok) return marked;
  const list = readSource(root, TODO_LIST_FILE);
  const listed = list.text === null ? null : taskIn(list.text, id, focus.text);
  if (listed === null && marked.value === null) {
    const where = focus.missing && list.missing ? `: ${TODO_FOCUS} does not exist` : '';
    return fail('todo.unknown', { message: `There is no task ${JSON.stringify(id)}${where}.` });
  }
  const ticked = list.text === null || listed === null || listed.done ? null : tickTask(list.text, listed);
  if (ticked !== null) writeText(root, TODO_LIST_FILE, ticked, list.bom);
  if (marked.value !== null) writeText(root, TODO_FOCUS, marked.value, false);
  return ok({ ticked: ticked !== null, removed: marked.value !== null });
}

/** The text of the file without the task; null if the task is not in it. */
function withoutTask({ text, missing, problems }: SourceRead, id: string): Result<string | null> {
  if (missing) return ok(null);
  if (text === null) return { ok: false, failure: invalid(problems) };
  const marked = markDone(text, id);
  if ('text' in marked) return ok(marked.text);
  if (marked.code === 'todo.unknown') return ok(null);
  return fail('config.invalid', { message: `${marked.message}.`, problems: [marked] });
}

/** By its id; a task that another program took from the list has an id of its own, and the same text. */
function taskIn(text: string, id: string, focus: string | null): ListedTask | null {
  const { tasks } = parseTodoList(text);
  const same = tasks.find(({ task_id }) => task_id === id);
  if (same !== undefined) return same;
  const entries = focus === null ? [] : (parseTodo(focus, TODO_FOCUS).draft?.focus_tasks ?? []);
  const entry = entries.find(({ task_id, source }) => task_id === id && source?.startsWith(TODO_LIST_FILE) === true);
  return entry === undefined ? null : (tasks.find((task) => task.text === entry.text) ?? null);
}
