import type { CommandHandler } from '../command.ts';
import { required } from '../options.ts';
import { projectOf } from '../project.ts';
import { visible } from '../render/visible.ts';

/** More lines than fit on a screen do not help; `--json` has all. */
const MOST_LINES = 50;

export const code: CommandHandler = async (ctx, words, options) => {
  const checkout = required(options, 'checkout');
  const result = await projectOf(ctx).code({ run: words[0] ?? null, checkout });
  const { missing = [] } = result;
  if (missing.length === 0) return { result };
  const lines = missing.slice(0, MOST_LINES).map(({ path, reason }) => `  ${visible(path)}: ${visible(reason)}\n`);
  const more = missing.length > MOST_LINES ? `  and ${missing.length - MOST_LINES} more\n` : '';
  const head = `${result.outcome}: ${result.rebuilt ?? 0} of ${result.files ?? 0} files are in ${visible(result.directory ?? '')}; not there: [${result.code}]\n`;
  return { result, text: `${head}${lines.join('')}${more}` };
};
