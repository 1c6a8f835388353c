import { type CommandHandler, UsageError } from '../command.ts';
import { projectOf } from '../project.ts';
import { comparisonText } from '../render/comparison.ts';
import { painter } from '../render/output.ts';
import { screenWidth } from '../render/screen-width.ts';

export const compare: CommandHandler = async (ctx, words) => {
  if (words.length < 2) throw new UsageError('compare takes two runs or more', 'List the runs: autolab runs --all');
  const result = await projectOf(ctx).compare({ runs: words });
  if (result.compared === undefined) return { result };
  return { result, text: comparisonText(result, screenWidth(), painter(ctx.color)) };
};
