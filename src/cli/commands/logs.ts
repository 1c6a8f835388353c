import { StringDecoder } from 'node:string_decoder';
import type { LogChunk, LogEvent } from '../../index.ts';
import type { CommandHandler } from '../command.ts';
import { abortOnSigint } from '../interrupts.ts';
import { flag, oneOf, wholeNumber } from '../options.ts';
import { projectOf } from '../project.ts';
import { forTerminal } from '../render/visible.ts';

export const logs: CommandHandler = async (ctx, words, options) => {
  const stream = oneOf(options, 'stream', ['out', 'err', 'driver']);
  const lines = wholeNumber(options, 'lines');
  const follow = flag(options, 'follow');
  const project = projectOf(ctx);
  const print = ctx.json ? null : chunkPrinter(stream === null);
  const { signal, stop } = abortOnSigint();
  const closed = new AbortController();
  // No reader is left for further output.
  process.stdout.once('error', () => {
    closed.abort();
  });
  const onEvent = (event: LogEvent): void => {
    if (event.type === 'note') process.stderr.write(`autolab: ${event.message}\n`);
    else print?.(event);
  };
  try {
    const result = await project.logs({
      run: words[0] ?? null,
      stream,
      lines,
      follow,
      collect: ctx.json,
      onEvent,
      signal: AbortSignal.any([signal, closed.signal]),
    });
    return result.outcome === 'ok' ? { result, text: '' } : { result };
  } finally {
    stop();
  }
};

function chunkPrinter(withHeads: boolean): (chunk: LogChunk) => void {
  let last: string | null = null;
  const decoders = new Map<string, StringDecoder>();
  const decoderOf = (name: string): StringDecoder => {
    const decoder = decoders.get(name) ?? new StringDecoder('utf8');
    decoders.set(name, decoder);
    return decoder;
  };
  return ({ file, bytes }) => {
    // As `tail -f` with several files does.
    if (withHeads && last !== file) process.stdout.write(`${last === null ? '' : '\n'}==> ${file} <==\n`);
    last = file;
    process.stdout.write(process.stdout.isTTY ? forTerminal(decoderOf(file).write(Buffer.from(bytes))) : bytes);
  };
}
