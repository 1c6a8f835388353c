import { readSource } from '../../documents/source.ts';
import { failureOf } from '../../errors/failure.ts';
import { parseTodo } from '../../project/todo.ts';
import { TODO_LIST_FILE } from '../../project/todo-list.ts';
import { TODO_FOCUS } from '../../records/paths.ts';
import { anyText, required } from '../check-options.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
import { closeTask, syncNow, withTodoLock } from '../todo-files.ts';
import type { NoOptions, Verb } from '../verb.ts';

/** An open focus task. */
export interface TodoTask {
  readonly task_id: string;
  readonly stage: string | null;
  /** The origin of the task. */
  readonly source: string | null;
  readonly text: string;
}

export interface TodoListResult extends VerbResult {
  readonly tasks?: readonly TodoTask[];
}

export interface TodoDoneOptions {
  /** The id of the task. */
  readonly id: string;
}

export type TodoDoneResult = VerbResult;

export const list: Verb<NoOptions> = {
  name: 'todo list',
  options: {},
  perform: ({ root }) => {
    const source = readSource(root, TODO_FOCUS);
    if (source.missing) return listed([]);
    const { value, problems } =
      source.text === null ? { value: null, problems: source.problems } : parseTodo(source.text, TODO_FOCUS);
    if (value === null) return resultOfFailure('todo list', failureOf('config.invalid', { problems }));
    return listed(value.focus_tasks.filter((task) => task.open));
  },
};

function listed(open: readonly TodoTask[]): CommandResult {
  const tasks = open.map((task) => ({
    task_id: task.task_id,
    stage: task.stage,
    source: task.source,
    text: task.text,
  }));
  const message = tasks.length === 0 ? 'No task is open.' : `${tasks.length} task(s) open.`;
  return succeed(
    'todo list',
    { message, hint: 'Mark one as done: autolab todo done ID' },
    { details: { tasks } satisfies Partial<TodoListResult> },
  );
}

export const done: Verb<TodoDoneOptions> = {
  name: 'todo done',
  options: { id: required(anyText) },
  perform: async ({ root }, { id }) => {
    const closed = await withTodoLock(root, () => closeTask(root, id));
    if (!closed.ok) return resultOfFailure('todo done', closed.failure);
    const { ticked, removed } = closed.value;
    const message = `Task ${id} ${ticked || removed ? 'is' : 'was'} done${ticked ? `, also in ${TODO_LIST_FILE}` : ''}.`;
    return succeed('todo done', { message, hint: 'See: autolab todo list' });
  },
};

export interface TodoSyncResult extends VerbResult {
  /** The open tasks of the list. */
  readonly tasks?: readonly TodoTask[];
  /** Ids of tasks that were added to the focus tasks, or changed. */
  readonly added?: readonly string[];
  /** Ids of tasks that were removed from them, or changed. */
  readonly removed?: readonly string[];
  /** Whether the file was written. */
  readonly changed?: boolean;
}

export const sync: Verb<NoOptions> = {
  name: 'todo sync',
  options: {},
  perform: async ({ root }) => {
    const synced = await withTodoLock(root, () => syncNow(root));
    if (!synced.ok) return resultOfFailure('todo sync', synced.failure);
    const { open, added, removed, changed, problems } = synced.value;
    const tasks = open.map(({ task_id, stage, text }) => ({ task_id, stage, source: TODO_LIST_FILE, text }));
    const message = `${TODO_LIST_FILE} has ${tasks.length} open ${tasks.length === 1 ? 'task' : 'tasks'} with a stage; ${added.length} added, ${removed.length} removed.`;
    const details = { tasks, added, removed, changed } satisfies Partial<TodoSyncResult>;
    return succeed('todo sync', { message, hint: 'See: autolab todo list' }, { problems, details });
  },
};
