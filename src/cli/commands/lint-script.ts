import { resolve, relative } from 'node:path';
import { failureOf } from '../../errors/failure.ts';
import { lintScript as lint, prologueText } from '../../launch/lint-script.ts';
import { resultOfFailure } from '../../launch/result.ts';
import { UsageError, type CommandHandler } from '../command.ts';
import { flag } from '../options.ts';
import { projectRoot } from '../project-root.ts';

export const lintScript: CommandHandler = async (ctx, words, options) => {
  if (flag(options, 'prologue')) {
    const text = prologueText();
    return {
      result: resultOfFailure(
        'lint-script',
        failureOf('ok', { message: 'The prologue of a local launch script.', hint: '' }),
        { details: { prologue: text } },
      ),
      text,
    };
  }
  const name = words[0];
  if (name === undefined) throw new UsageError('lint-script takes a FILE, or --prologue');
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const file = relative(found.root, resolve(ctx.directory ?? '.', name));
  const problems = await lint(found.root, file);
  const errors = problems.filter((problem) => problem.severity === 'error');
  const failure =
    errors.length === 0
      ? failureOf('ok', { message: `${file} keeps the rules.`, hint: '', problems })
      : failureOf('script.invalid', {
          message: `${file} breaks the rules in ${String(errors.length)} place(s).`,
          problems,
        });
  return { result: resultOfFailure('lint-script', failure) };
};
