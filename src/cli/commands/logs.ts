import type { LogEvent } from '../../index.ts';
import type { CommandContext, CommandHandler, Options } from '../command.ts';
import { abortOnSigint } from '../interrupts.ts';
import { flag, oneOf, text, timeOf, wholeNumber } from '../options.ts';
import { goneSignal, isTerminal, print, roomFor } from '../print.ts';
import { projectOf } from '../project.ts';
import { type LogLook, LogPrinter } from '../render/log-printer.ts';
import { visible } from '../render/visible.ts';

export const logs: CommandHandler = async (ctx, words, options) => {
  const stream = oneOf(options, 'stream', ['out', 'err', 'driver']);
  const task = wholeNumber(options, 'task');
  const follow = flag(options, 'follow');
  const lines = wholeNumber(options, 'lines');
  const grep = text(options, 'grep');
  const since = timeOf(options, 'since');
  const project = projectOf(ctx);
  const printer = ctx.json ? null : new LogPrinter(lookOf(ctx, options, stream === null));
  const { signal, stop } = abortOnSigint(goneSignal('stdout'));
  const onEvent = (event: LogEvent): Promise<void> | undefined => {
    if (event.type === 'note') print('stderr', `autolab: ${visible(event.message)}\n`);
    else for (const piece of printer?.take(event) ?? []) print('stdout', piece);
    return roomFor('stdout', signal);
  };
  try {
    const result = await project.logs({
      run: words[0] ?? null,
      stream,
      task,
      lines,
      grep,
      since,
      follow,
      collect: ctx.json,
      onEvent,
      signal,
    });
    print('stdout', printer?.end() ?? '');
    if (result.outcome !== 'ok') return { result };
    const none = grep !== null && (result.log_files ?? []).every(({ matches }) => matches === 0);
    if (none && !ctx.json && !ctx.quiet) print('stderr', `autolab: ${visible(result.message)}\n`);
    return { result, text: '' };
  } finally {
    stop();
  }
};

function lookOf({ color }: CommandContext, options: Options, withHeads: boolean): LogLook {
  const onTerminal = isTerminal('stdout');
  const isPlain = flag(options, 'plain') || (onTerminal && !color);
  return {
    as: isPlain ? 'plain' : onTerminal ? 'color' : 'raw',
    withHeads,
    live: onTerminal && flag(options, 'follow') ? (): number => process.stdout.columns || 80 : null,
  };
}
