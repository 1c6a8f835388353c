import { formatJson } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { flag } from '../options.ts';
import { projectOf } from '../project.ts';

export const manifest: CommandHandler = async (ctx, words, options) => {
  const result = await projectOf(ctx).manifest({ run: words[0] ?? null, check: flag(options, 'check') });
  return result.manifest === undefined ? { result } : { result, text: formatJson(result.manifest) };
};
