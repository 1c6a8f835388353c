import type { ApprovalShown, ApproveResult } from '../../index.ts';
import { canAsk, confirmed } from '../ask.ts';
import { type CommandHandler, UsageError } from '../command.ts';
import { flag, required, text } from '../options.ts';
import { print } from '../print.ts';
import { projectOf } from '../project.ts';
import { approvalText, checkLines } from '../render/approval.ts';
import { forTerminal } from '../render/visible.ts';

export const approve: CommandHandler = async (ctx, _words, options) => {
  const isSure = flag(options, 'yes');
  if (!isSure && !canAsk())
    throw new UsageError('approve asks before it approves, and this is no terminal; with --yes it does not ask');
  const given = { by: required(options, 'by'), note: text(options, 'note'), key: text(options, 'key') };
  const show = (shown: ApprovalShown): void => {
    print('stderr', forTerminal(approvalText(shown)));
  };
  const confirm = async (shown: ApprovalShown): Promise<boolean> => {
    if (!isSure || !(ctx.json || ctx.quiet)) show(shown);
    return isSure || confirmed(`Approve this as ${given.by}?`);
  };
  const result = await projectOf(ctx).approve({ ...given, confirm, onEvent: ctx.show });
  if (result.code === 'approval.check_failed' && !ctx.json) printChecks(result);
  return { result };
};

function printChecks({ checks = [] }: ApproveResult): void {
  print('stderr', forTerminal(`${checkLines(checks).join('\n')}\n`));
}

export const reject: CommandHandler = async (ctx, _words, options) => ({
  result: await projectOf(ctx).reject({ by: required(options, 'by'), note: required(options, 'note') }),
});
