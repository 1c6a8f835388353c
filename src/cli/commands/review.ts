import { type Decision, review as decide } from '../../commands/review.ts';
import { DriverControl } from '../../run/control.ts';
import { type CommandHandler, UsageError } from '../command.ts';
import { required } from '../options.ts';
import { projectRoot } from '../project-root.ts';

const DECISIONS: readonly Decision[] = ['pass', 'retry', 'stop'];

export const review: CommandHandler = (ctx, words, options) => {
  const decision = DECISIONS.find((candidate) => candidate === words[0]);
  if (decision === undefined)
    throw new UsageError(`review takes one of ${DECISIONS.join(', ')}, not ${JSON.stringify(words[0] ?? '')}`);
  const given = { decision, by: required(options, 'by'), note: required(options, 'note') };
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  return {
    result: decide(
      { root: found.root, emit: ctx.show, control: new DriverControl(), command: 'autolab review' },
      given,
    ),
  };
};
