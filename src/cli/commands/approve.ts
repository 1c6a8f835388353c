import { failureOf } from '../../errors/failure.ts';
import { type ApprovalShown, type ApproveResult, callResult } from '../../index.ts';
import { quoteArgv } from '../../platform/quoting.ts';
import { sentences } from '../../platform/sentence.ts';
import { canAsk, confirmed } from '../ask.ts';
import { type CommandContext, type CommandHandler, UsageError } from '../command.ts';
import { leaveOnSignal } from '../interrupts.ts';
import { flag, required, text } from '../options.ts';
import { print } from '../print.ts';
import { projectOf } from '../project.ts';
import { approvalText, checkLines } from '../render/approval.ts';
import { printOutput } from '../render/output.ts';
import { forTerminal } from '../render/visible.ts';

export const approve: CommandHandler = async (ctx, _words, options) => {
  const isSure = flag(options, 'yes');
  const given = { by: required(options, 'by'), note: text(options, 'note'), key: text(options, 'key') };
  if (!isSure && !canAsk())
    throw new UsageError(
      'approve asks before it approves, and this is no terminal; with --yes it does not ask',
      lineWith(given),
    );
  const show = (shown: ApprovalShown): void => {
    print('stderr', forTerminal(approvalText(shown)));
  };
  const confirm = async (shown: ApprovalShown): Promise<boolean> => {
    if (!isSure || !(ctx.json || ctx.quiet)) show(shown);
    return isSure || confirmed(`Approve this as ${given.by}?`);
  };
  const stay = leaveOnSignal(() => {
    printLeft(ctx);
  });
  const result = await projectOf(ctx).approve({ ...given, confirm, onEvent: ctx.show });
  stay();
  if (result.code === 'approval.check_failed' && !ctx.json) printChecks(result);
  return { result };
};

function lineWith(given: Readonly<Record<string, string | null>>): string {
  const words = Object.entries(given).flatMap(([name, value]) => (value === null ? [] : [`--${name}`, value]));
  return quoteArgv(['autolab', 'approve', ...words, '--yes']);
}

/** A check that was cut off is not one that failed, so nothing is written. */
function printLeft(ctx: CommandContext): void {
  const failure = failureOf('interrupted', {
    message: 'Interrupted; nothing was approved, and nothing was written.',
    hint: 'Again: autolab approve --by WHO',
  });
  print('stderr', `\n${sentences(failure.message, failure.hint)}\n`);
  if (ctx.json) printOutput({ result: callResult('approve', failure) }, ctx);
}

function printChecks({ checks = [] }: ApproveResult): void {
  print('stderr', forTerminal(`${checkLines(checks).join('\n')}\n`));
}

export const reject: CommandHandler = async (ctx, _words, options) => ({
  result: await projectOf(ctx).reject({ by: required(options, 'by'), note: required(options, 'note') }),
});
