import { reopenBacklog } from '../../commands/backlog.ts';
import type { CommandHandler } from '../command.ts';
import { required } from '../options.ts';
import { projectRoot } from '../project-root.ts';

export const reopen: CommandHandler = (ctx, words, options) => {
  const given = { id: words[0] ?? '', by: required(options, 'by'), note: required(options, 'note') };
  const found = projectRoot(ctx);
  return 'result' in found ? found : { result: reopenBacklog(found.root, given) };
};
