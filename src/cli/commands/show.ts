import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';
import { painter } from '../render/output.ts';
import { runScreen } from '../render/run-screen.ts';
import { screenWidth } from '../render/screen-width.ts';

export const show: CommandHandler = async (ctx, words) => {
  const result = await projectOf(ctx).show({ run: words[0] ?? null });
  const { run = null } = result;
  if (run === null) return { result };
  return { result, text: runScreen(result, run, screenWidth(), painter(ctx.color)) };
};
