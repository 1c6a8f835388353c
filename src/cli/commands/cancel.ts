import { type CommandHandler, UsageError } from '../command.ts';
import { abortOnSigint, outliveTerminal } from '../interrupts.ts';
import { flag, required, text, wholeNumbers } from '../options.ts';
import { projectOf } from '../project.ts';

export const cancel: CommandHandler = async (ctx, _words, options) => {
  const force = flag(options, 'force');
  const given = force ? { by: required(options, 'by'), note: required(options, 'note') } : null;
  if (!force && text(options, 'note') !== null) throw new UsageError('--note goes with --force');
  const by = text(options, 'by');
  const tasks = wholeNumbers(options, 'task');
  if (force && tasks.length > 0) throw new UsageError('--force is for the whole run; leave --task out');
  const project = projectOf(ctx);
  const interrupt = abortOnSigint();
  outliveTerminal();
  const common = { onEvent: ctx.show, signal: interrupt.signal };
  try {
    if (given !== null) return { result: await project.abandon({ ...given, ...common }) };
    return { result: await project.cancel({ ...(by === null ? {} : { by }), tasks, ...common }) };
  } finally {
    interrupt.stop();
  }
};
