import type { CommandHandler } from '../command.ts';
import { drive, waitOptions } from '../driving.ts';
import { flag, list, required, text } from '../options.ts';
import { projectOf } from '../project.ts';

export const rerun: CommandHandler = async (ctx, words, options) => {
  const given = {
    ...waitOptions(options),
    run: words[0] ?? null,
    set: list(options, 'set'),
    id: text(options, 'id'),
    by: required(options, 'by'),
    note: text(options, 'note'),
    key: text(options, 'key'),
    launch: flag(options, 'launch'),
  };
  const project = projectOf(ctx);
  return { result: await drive(ctx, 'rerun', (steering) => project.rerun({ ...given, ...steering })) };
};
