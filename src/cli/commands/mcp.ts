import { Writable } from 'node:stream';
import { callSuccess } from '../../index.ts';
import { serve } from '../../mcp/server.ts';
import { type CommandHandler, UsageError } from '../command.ts';
import { leaveSoon, onLeave } from '../interrupts.ts';
import { guardOutputs, print } from '../print.ts';

/** Ends quickly: a client that wants to stop kills what does not leave within seconds. */
const LEAVE_MS = 500;

export const mcp: CommandHandler = async (ctx) => {
  if (ctx.json) throw new UsageError('mcp takes no --json: what it prints is the protocol');
  const leave = onLeave();
  const log = (line: string): void => {
    if (!ctx.quiet) print('stderr', `autolab mcp: ${line}\n`);
  };
  try {
    const { stdin: input } = process;
    await serve({ directory: ctx.directory ?? '.', input, output: takeStdout(), log, signal: leave.signal });
  } finally {
    leave.stop();
  }
  // A call may be at work still; what it began continues without it.
  leaveSoon(LEAVE_MS);
  return { result: callSuccess('mcp', ''), text: '' };
};

/** From here on stdout is the protocol's alone: what anything else prints there goes to stderr. */
function takeStdout(): Writable {
  guardOutputs();
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  return new Writable({
    decodeStrings: false,
    write: (chunk: string | Uint8Array, _encoding, done) => {
      write(chunk, (error) => {
        done(error ?? null);
      });
    },
  });
}
