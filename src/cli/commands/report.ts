import type { CommandHandler } from '../command.ts';
import { flag, text } from '../options.ts';
import { projectOf } from '../project.ts';

export const report: CommandHandler = async (ctx, words, options) => {
  const result = await projectOf(ctx).report({
    run: words[0] ?? null,
    all: flag(options, 'all'),
    check: flag(options, 'check'),
    output: text(options, 'output'),
    open: flag(options, 'open'),
  });
  return result.page === undefined ? { result } : { result, text: result.page };
};
