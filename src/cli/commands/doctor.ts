import { resolve } from 'node:path';
import { doctor as examine } from '../../commands/doctor.ts';
import { resultOfFailure } from '../../commands/result.ts';
import { failureOf } from '../../errors/failure.ts';
import { findRoot } from '../../project/find-root.ts';
import type { CommandHandler } from '../command.ts';
import { checkLines } from '../render/checks.ts';

export const doctor: CommandHandler = async (ctx) => {
  const root = findRoot(resolve(ctx.directory ?? '.'));
  const checks = await examine(root);
  const failed = checks.filter((check) => check.status === 'fail');
  const text = checkLines(checks, ctx.color);
  const failure =
    failed.length === 0
      ? failureOf('ok', { message: 'Everything that a local launch needs is here.', hint: 'Launch: autolab launch' })
      : failureOf('doctor.failed', { message: `Missing or broken: ${failed.map((check) => check.name).join(', ')}.` });
  return { result: resultOfFailure('doctor', failure, { details: { checks } }), text };
};
