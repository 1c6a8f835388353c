import { relative, resolve } from 'node:path';
import { lintScript as lint, prologueText, SCRIPT_MODES, type ScriptMode } from '../../commands/lint-script.ts';
import { resultOfFailure } from '../../commands/result.ts';
import { failureOf } from '../../errors/failure.ts';
import { type CommandHandler, type Options, UsageError } from '../command.ts';
import { flag, oneOf } from '../options.ts';
import { projectRoot } from '../project-root.ts';

export const lintScript: CommandHandler = async (ctx, words, options) => {
  const mode = prologueMode(options);
  if (mode !== null) {
    const text = await prologueText(mode);
    const message = `The prologue of a launch script (${mode}).`;
    return {
      result: resultOfFailure('lint-script', failureOf('ok', { message, hint: '' }), { details: { prologue: text } }),
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
          message: `${file} breaks the rules in ${errors.length} place(s).`,
          problems,
        });
  return { result: resultOfFailure('lint-script', failure) };
};

/** `--prologue` alone means the local one. */
function prologueMode(options: Options): ScriptMode | null {
  return flag(options, 'prologue') ? 'local' : oneOf(options, 'prologue', SCRIPT_MODES);
}
