import { type CommandHandler, UsageError } from '../command.ts';
import { flag, text } from '../options.ts';
import { projectOf } from '../project.ts';

export const render: CommandHandler = async (ctx, _words, options) => {
  const stage = text(options, 'stage') ?? 'launch';
  if (stage !== 'launch') throw new UsageError(`--stage takes launch, not ${JSON.stringify(stage)}`);
  const toStdout = flag(options, 'stdout');
  const result = await projectOf(ctx).render({ stage, runId: text(options, 'runId'), write: !toStdout });
  return toStdout && result.prompt !== undefined ? { result, text: result.prompt } : { result };
};
