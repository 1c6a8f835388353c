import { resolve } from 'node:path';
import { init as makeProject } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { oneOf } from '../options.ts';

export const init: CommandHandler = async (ctx, words, options) => {
  const example = oneOf(options, 'example', ['local', 'slurm']);
  return { result: await makeProject({ directory: resolve(ctx.directory ?? '.', words[0] ?? '.'), example }) };
};
