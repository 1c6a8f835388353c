import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';
import { visible } from '../render/visible.ts';

export const list: CommandHandler = async (ctx) => {
  const result = await projectOf(ctx).todo.list();
  const lines = result.tasks?.map(
    (task) => `${visible(task.task_id)}\t${visible(task.stage ?? '-')}\t${visible(task.text)}\n`,
  );
  if (lines === undefined) return { result };
  return { result, text: lines.length === 0 ? `${result.message}\n` : lines.join('') };
};

export const done: CommandHandler = async (ctx, words) => ({
  result: await projectOf(ctx).todo.done({ id: words[0] ?? '' }),
});

export const sync: CommandHandler = async (ctx) => ({ result: await projectOf(ctx).todo.sync() });
