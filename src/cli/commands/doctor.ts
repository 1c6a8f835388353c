import { resolve } from 'node:path';
import { checkMachine, findProject, openProject } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { checkLines } from '../render/checks.ts';
import { visible } from '../render/visible.ts';

export const doctor: CommandHandler = async (ctx) => {
  const root = findProject(resolve(ctx.directory ?? '.'));
  const result = await (root === null ? checkMachine() : openProject(root).doctor());
  const { checks } = result;
  if (checks === undefined) return { result };
  const next = result.hint === '' ? '' : `  next: ${visible(result.hint)}\n`;
  return { result, text: `${checkLines(checks, ctx.color)}${visible(result.message)}\n${next}` };
};
