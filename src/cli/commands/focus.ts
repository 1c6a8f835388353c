import type { CommandHandler } from '../command.ts';
import { required, text } from '../options.ts';
import { projectOf } from '../project.ts';

export const focus: CommandHandler = async (ctx, words, options) => {
  const by = text(options, 'by') === null ? {} : { by: required(options, 'by') };
  return { result: await projectOf(ctx).focus({ id: words[0] ?? '', ...by }) };
};
