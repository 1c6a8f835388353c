import type { CommandHandler } from '../command.ts';
import { projectOf } from '../project.ts';

export const document: CommandHandler = async (ctx) => ({ result: await projectOf(ctx).document() });
