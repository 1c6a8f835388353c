import { userInfo } from 'node:os';
import { abandon } from '../../commands/abandon.ts';
import { cancel as cancelRun } from '../../commands/cancel.ts';
import { DriverControl } from '../../run/control.ts';
import { type CommandHandler, UsageError } from '../command.ts';
import { flag, required, text } from '../options.ts';
import { projectRoot } from '../project-root.ts';

export const cancel: CommandHandler = async (ctx, _words, options) => {
  const force = flag(options, 'force');
  const given = force ? { by: required(options, 'by'), note: required(options, 'note') } : null;
  if (!force && text(options, 'note') !== null) throw new UsageError('--note goes with --force');
  const found = projectRoot(ctx);
  if ('result' in found) return found;
  const control = new DriverControl();
  const onSigint = (): void => {
    control.requestDetach();
  };
  process.on('SIGINT', onSigint);
  try {
    const env = { root: found.root, emit: ctx.show, control, command: 'autolab cancel' };
    if (given !== null) return { result: await abandon(env, given) };
    return { result: await cancelRun(env, { by: text(options, 'by') ?? userName() }) };
  } finally {
    process.off('SIGINT', onSigint);
  }
};

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under an id that no one has a name for.
    return `uid ${String(process.getuid?.() ?? '?')}`;
  }
}
