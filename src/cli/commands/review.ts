import { type CommandHandler, UsageError } from '../command.ts';
import { required } from '../options.ts';
import { projectOf } from '../project.ts';

const DECISIONS = ['pass', 'retry', 'stop'] as const;

export const review: CommandHandler = async (ctx, words, options) => {
  const decision = DECISIONS.find((candidate) => candidate === words[0]);
  if (decision === undefined)
    throw new UsageError(`review takes one of ${DECISIONS.join(', ')}, not ${JSON.stringify(words[0] ?? '')}`);
  const given = { decision, by: required(options, 'by'), note: required(options, 'note') };
  return { result: await projectOf(ctx).review({ ...given, onEvent: ctx.show }) };
};
