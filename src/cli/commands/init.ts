import { resolve } from 'node:path';
import { init as makeProject } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { flag, oneOf } from '../options.ts';

export const init: CommandHandler = async (ctx, words, options) => {
  const example = oneOf(options, 'example', ['local', 'slurm', 'sweep']);
  const directory = resolve(ctx.directory ?? '.', words[0] ?? '.');
  return { result: await makeProject({ directory, example, withScripts: flag(options, 'withScripts') }) };
};
