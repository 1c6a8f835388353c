import { resolve } from 'node:path';
import { resultOfFailure } from '../../commands/result.ts';
import { failureOf } from '../../errors/failure.ts';
import { quotePosix } from '../../platform/quoting.ts';
import { EXAMPLES, initProject } from '../../project/init.ts';
import type { CommandHandler } from '../command.ts';
import { oneOf } from '../options.ts';

export const init: CommandHandler = (ctx, words, options) => {
  const example = oneOf(options, 'example', EXAMPLES);
  const root = resolve(ctx.directory ?? '.', words[0] ?? '.');
  const made = initProject(root, { example });
  if (!made.ok) return { result: resultOfFailure('init', made.failure) };
  const { created } = made.value;
  const enter = words[0] === undefined ? '' : `cd ${quotePosix(words[0])} && `;
  const hint =
    example === null
      ? 'Design an experiment under experiments/, or see one: autolab init DIR --example local'
      : `Launch it: ${enter}autolab launch`;
  return {
    result: resultOfFailure(
      'init',
      failureOf('ok', { message: `Made a project in ${root} (${created.length} files).`, hint }),
      { details: { root, created } },
    ),
  };
};
