import type { CommandHandler } from '../command.ts';
import { flag, oneOf, text } from '../options.ts';
import { projectOf } from '../project.ts';
import { STAGE_NAMES } from '../workflow-verbs.ts';

export const render: CommandHandler = async (ctx, _words, options) => {
  const stage = oneOf(options, 'stage', STAGE_NAMES) ?? 'launch';
  const toStdout = flag(options, 'stdout');
  const result = await projectOf(ctx).render({ stage, runId: text(options, 'runId'), write: !toStdout });
  return toStdout && result.prompt !== undefined ? { result, text: result.prompt } : { result };
};
