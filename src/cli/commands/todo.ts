import { join } from 'node:path';
import { resultOfFailure } from '../../commands/result.ts';
import { readSource } from '../../documents/source.ts';
import { failureOf } from '../../errors/failure.ts';
import { writeFileIfChanged } from '../../platform/files.ts';
import { markDone, parseTodo } from '../../project/todo.ts';
import { TODO_FOCUS } from '../../records/paths.ts';
import type { CommandHandler, CommandOutput } from '../command.ts';
import { projectRoot } from '../project-root.ts';
import { visible } from '../render/visible.ts';

export const list: CommandHandler = (ctx) => {
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const source = readSource(found.root, TODO_FOCUS);
  if (source.missing) return listed([]);
  const { value, problems } =
    source.text === null ? { value: null, problems: source.problems } : parseTodo(source.text, TODO_FOCUS);
  if (value === null) return { result: resultOfFailure('todo list', failureOf('config.invalid', { problems })) };
  return listed(value.focus_tasks.filter((task) => task.open));
};

interface ListedTask {
  readonly task_id: string;
  readonly stage: string | null;
  readonly source: string | null;
  readonly text: string;
}

function listed(tasks: readonly ListedTask[]): CommandOutput {
  const rows = tasks.map(({ task_id, stage, source, text }) => ({ task_id, stage, source, text }));
  const message = rows.length === 0 ? 'No task is open.' : `${rows.length} task(s) open.`;
  const text = rows
    .map((task) => `${visible(task.task_id)}\t${visible(task.stage ?? '-')}\t${visible(task.text)}\n`)
    .join('');
  return {
    result: resultOfFailure('todo list', failureOf('ok', { message, hint: 'Mark one as done: autolab todo done ID' }), {
      details: { tasks: rows },
    }),
    text: text === '' ? `${message}\n` : text,
  };
}

export const done: CommandHandler = (ctx, words) => {
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const id = words[0] ?? '';
  const source = readSource(found.root, TODO_FOCUS);
  if (source.missing)
    return {
      result: resultOfFailure(
        'todo done',
        failureOf('todo.unknown', { message: `There is no task ${JSON.stringify(id)}: ${TODO_FOCUS} is missing.` }),
      ),
    };
  if (source.text === null)
    return { result: resultOfFailure('todo done', failureOf('config.invalid', { problems: source.problems })) };
  const marked = markDone(source.text, id);
  if (!('text' in marked)) {
    const code = marked.code === 'todo.unknown' ? 'todo.unknown' : 'config.invalid';
    return {
      result: resultOfFailure(
        'todo done',
        failureOf(code, { message: `${marked.message}.`, problems: code === 'todo.unknown' ? [] : [marked] }),
      ),
    };
  }
  writeFileIfChanged(join(found.root, TODO_FOCUS), marked.text);
  return {
    result: resultOfFailure(
      'todo done',
      failureOf('ok', { message: `Task ${id} is done.`, hint: 'See: autolab todo list' }),
    ),
  };
};
