import { unlock as takeAway } from '../../commands/unlock.ts';
import type { CommandHandler } from '../command.ts';
import { required } from '../options.ts';
import { projectRoot } from '../project-root.ts';

export const unlock: CommandHandler = (ctx, _words, options) => {
  const run = required(options, 'run');
  const found = projectRoot(ctx);
  return 'result' in found ? found : { result: takeAway(found.root, run) };
};
