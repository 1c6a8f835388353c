import { join } from 'node:path';
import { readSource } from '../../documents/source.ts';
import { type Failure, failureOf } from '../../errors/failure.ts';
import { writeFileIfChanged } from '../../platform/files.ts';
import { markDone, parseTodo } from '../../project/todo.ts';
import { TODO_FOCUS } from '../../records/paths.ts';
import { anyText, required } from '../check-options.ts';
import { type CommandResult, resultOfFailure, succeed, type VerbResult } from '../result.ts';
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
  perform: ({ root }, { id }) => {
    const fail = (failure: Failure): CommandResult => resultOfFailure('todo done', failure);
    const source = readSource(root, TODO_FOCUS);
    if (source.missing) {
      const message = `There is no task ${JSON.stringify(id)}: ${TODO_FOCUS} does not exist.`;
      return fail(failureOf('todo.unknown', { message }));
    }
    if (source.text === null) return fail(failureOf('config.invalid', { problems: source.problems }));
    const marked = markDone(source.text, id);
    if ('text' in marked) {
      writeFileIfChanged(join(root, TODO_FOCUS), marked.text);
      return succeed('todo done', { message: `Task ${id} is done.`, hint: 'See: autolab todo list' });
    }
    const message = `${marked.message}.`;
    if (marked.code === 'todo.unknown') return fail(failureOf('todo.unknown', { message }));
    return fail(failureOf('config.invalid', { message, problems: [marked] }));
  },
};
