import { resolve } from 'node:path';
import { slurmJobList, type SlurmJobListVerbs } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { required } from '../options.ts';

/** The ledger needs no project: manifest and document are named. */
function handlerOf(verb: keyof SlurmJobListVerbs): CommandHandler {
  return async (ctx, _words, options) => {
    const base = ctx.directory ?? '.';
    const manifest = resolve(base, required(options, 'manifest'));
    return { result: await slurmJobList[verb]({ manifest, doc: resolve(base, required(options, 'doc')) }) };
  };
}

export const append = handlerOf('append');
export const verify = handlerOf('verify');
