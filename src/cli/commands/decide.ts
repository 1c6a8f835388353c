import { type CommandHandler, UsageError } from '../command.ts';
import { required, text } from '../options.ts';
import { projectOf } from '../project.ts';

const DECISIONS = ['repeat', 'next', 'stop'] as const;
const STAGES = ['design', 'implementation', 'launch'] as const;

export const decide: CommandHandler = async (ctx, [word, id], options) => {
  const decision = DECISIONS.find((candidate) => candidate === word);
  if (decision === undefined)
    throw new UsageError(`decide takes one of ${DECISIONS.join(', ')}, not ${JSON.stringify(word ?? '')}`);
  if (id !== undefined && decision !== 'next')
    throw new UsageError(`decide ${decision} takes no experiment; only decide next does`);
  const stage = text(options, 'at');
  const at = STAGES.find((candidate) => candidate === stage);
  if (stage !== null && at === undefined)
    throw new UsageError(`--at takes one of ${STAGES.join(', ')}, not ${JSON.stringify(stage)}`);
  if (at !== undefined && decision !== 'repeat') throw new UsageError('--at goes only with decide repeat');
  const given = { decision, by: required(options, 'by'), note: required(options, 'note'), id: id ?? null };
  return { result: await projectOf(ctx).decide(at === undefined ? given : { ...given, at }) };
};
