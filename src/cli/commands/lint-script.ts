import { resolve } from 'node:path';
import { scriptPrologue } from '../../index.ts';
import { type CommandHandler, type Options, UsageError } from '../command.ts';
import { flag, oneOf } from '../options.ts';
import { projectOf } from '../project.ts';

export const lintScript: CommandHandler = async (ctx, words, options) => {
  const mode = prologueMode(options);
  if (mode !== null) {
    const result = await scriptPrologue({ mode });
    return { result, text: result.prologue ?? '' };
  }
  const name = words[0];
  if (name === undefined) throw new UsageError('lint-script takes a FILE, or --prologue');
  return { result: await projectOf(ctx).lintScript({ file: resolve(ctx.directory ?? '.', name) }) };
};

/** `--prologue` without a mode means the local one. */
function prologueMode(options: Options): 'local' | 'slurm' | 'tasks' | null {
  return flag(options, 'prologue') ? 'local' : oneOf(options, 'prologue', ['local', 'slurm', 'tasks']);
}
