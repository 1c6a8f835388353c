import { resolve } from 'node:path';
import { failureOf } from '../../errors/failure.ts';
import { resultOfFailure } from '../../launch/result.ts';
import { quotePosix } from '../../platform/quoting.ts';
import { initProject } from '../../project/init.ts';
import { UsageError, type CommandHandler } from '../command.ts';
import { text } from '../options.ts';

export const init: CommandHandler = (ctx, words, options) => {
  const example = text(options, 'example');
  if (example !== null && example !== 'local')
    throw new UsageError(`--example takes local, not ${JSON.stringify(example)}`);
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
      failureOf('ok', { message: `Made a project in ${root} (${String(created.length)} files).`, hint }),
      { details: { root, created } },
    ),
  };
};
