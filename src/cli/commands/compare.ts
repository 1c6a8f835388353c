import { type CommandHandler, UsageError } from '../command.ts';
import { text } from '../options.ts';
import { projectOf } from '../project.ts';
import { comparisonText } from '../render/comparison.ts';
import { painter } from '../render/output.ts';
import { screenWidth } from '../render/screen-width.ts';

export const compare: CommandHandler = async (ctx, words, options) => {
  if (words.length < 2) throw new UsageError('compare takes two runs or more', 'List the runs: autolab runs --all');
  const html = options['html'] === true ? '-' : text(options, 'html');
  if (html !== null && html !== '-' && !/\.html?$/i.test(html))
    throw new UsageError(
      `--html takes a file that ends in .html, not ${JSON.stringify(html)}; put --html after the runs`,
    );
  const result = await projectOf(ctx).compare({ runs: words, html });
  if (result.page !== undefined) return { result, text: result.page };
  if (result.compared === undefined) return { result };
  return { result, text: comparisonText(result, screenWidth(), painter(ctx.color)) };
};
