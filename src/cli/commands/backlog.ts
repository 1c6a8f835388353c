import type { CommandHandler } from '../command.ts';
import { required } from '../options.ts';
import { projectOf } from '../project.ts';

export const reopen: CommandHandler = async (ctx, words, options) => {
  const given = { id: words[0] ?? '', by: required(options, 'by'), note: required(options, 'note') };
  return { result: await projectOf(ctx).backlog.reopen(given) };
};
