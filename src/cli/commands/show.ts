import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';
import { painter } from '../render/output.ts';
import { runScreen } from '../render/run-screen.ts';

const USUAL_WIDTH = 80;

export const show: CommandHandler = async (ctx, words) => {
  const result = await projectOf(ctx).show({ run: words[0] ?? null });
  const { run = null } = result;
  if (run === null) return { result };
  const width = process.stdout.isTTY ? process.stdout.columns || USUAL_WIDTH : USUAL_WIDTH;
  return { result, text: runScreen(result, run, Math.max(40, width), painter(ctx.color)) };
};
