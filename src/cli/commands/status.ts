import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';

export const status: CommandHandler = async (ctx) => ({ result: await projectOf(ctx).status() });
