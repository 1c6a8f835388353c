import { resolve } from 'node:path';
import { appendRun, verifyLedgerLine } from '../../commands/ledger.ts';
import type { CommandHandler, CommandOutput, Options } from '../command.ts';
import { required } from '../options.ts';

/** The ledger needs no project: manifest and document are named. */
export const append: CommandHandler = (ctx, _words, options) => act(options, ctx.directory, appendRun);
export const verify: CommandHandler = (ctx, _words, options) => act(options, ctx.directory, verifyLedgerLine);

async function act(options: Options, directory: string | null, what: typeof appendRun): Promise<CommandOutput> {
  const base = directory ?? '.';
  return { result: await what(resolve(base, required(options, 'manifest')), resolve(base, required(options, 'doc'))) };
}
