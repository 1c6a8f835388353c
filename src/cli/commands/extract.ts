import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';

export const extract: CommandHandler = async (ctx, words) => ({
  result: await projectOf(ctx).extract({ run: words[0] ?? null }),
});
