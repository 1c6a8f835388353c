import type { CommandHandler } from '../command.ts';
import { required } from '../options.ts';
import { projectOf } from '../project.ts';

export const unlock: CommandHandler = async (ctx, _words, options) => {
  const run = required(options, 'run');
  return { result: await projectOf(ctx).unlock({ run }) };
};
