import { resolve } from 'node:path';
import { checkMachine, findProject, openProject } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { checkLines } from '../render/checks.ts';

export const doctor: CommandHandler = async (ctx) => {
  const root = findProject(resolve(ctx.directory ?? '.'));
  const result = await (root === null ? checkMachine() : openProject(root).doctor());
  const { checks } = result;
  return checks === undefined ? { result } : { result, text: checkLines(checks, ctx.color) };
};
