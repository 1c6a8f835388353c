import { failureOf } from '../errors/failure.ts';
import { callResult, exitStatusOf, expectedFailure, type VerbResult } from '../index.ts';
import { boundYoungSpace, unboundYoungSpace } from '../platform/young-space.ts';
import { type CommandContext, type CommandOutput, type GlobalOptions, UsageError } from './command.ts';
import { HANDLERS } from './handlers.ts';
import { type Call, quickCall } from './quick-call.ts';
import { eventPrinter } from './render/events.ts';
import { printOutput } from './render/output.ts';
import { verbOf, VERBS } from './verbs.ts';

export { leaveUnread } from './print.ts';

/** The command line: one table of verbs, one place where outcomes become exit statuses. */

export async function main(given: readonly string[]): Promise<number> {
  boundYoungSpace();
  const status = await call(given);
  unboundYoungSpace();
  return status;
}

async function call(given: readonly string[]): Promise<number> {
  const { words, command } = split(helpFirst(given));
  const carryOut = ({ name, operands, own, all }: Call): Promise<number> =>
    perform(name, { ...globalOptions(all), command }, operands, own);
  const quick = quickCall(VERBS, words);
  if (quick !== null) return carryOut(quick);
  // Help, slips of the fingers, and whatever else is rare.
  const { parse } = await import('./parse.ts');
  return parse(words, carryOut);
}

/** Whether it is a word of ours, and no slip of the fingers. */
export function isVerb(word: string): boolean {
  return VERBS.some(({ name }) => name === word);
}

/** `--help launch` is `help launch`. */
function helpFirst(words: readonly string[]): readonly string[] {
  const [first = '', ...rest] = words;
  return ['-h', '--help'].includes(first) && rest.some((word) => !word.startsWith('-')) ? ['help', ...rest] : words;
}

/** What follows `--` is the command of a run: none of its words is autolab's, whatever it looks like. */
function split(words: readonly string[]): { words: readonly string[]; command: readonly string[] | null } {
  const at = words.indexOf('--');
  const own = at < 0 ? words : words.slice(0, at);
  if (at < 0 || verbOf(own).verb?.command !== true) return { words, command: null };
  return { words: own, command: words.slice(at + 1) };
}

function globalOptions(options: Record<string, unknown>): GlobalOptions {
  return {
    directory: typeof options['directory'] === 'string' ? options['directory'] : null,
    json: options['json'] === true,
    quiet: options['quiet'] === true,
    verbose: options['verbose'] === true,
    color: options['color'] !== false && (process.env['NO_COLOR'] ?? '') === '',
  };
}

async function perform(
  name: string,
  { command, ...globals }: GlobalOptions & Pick<CommandContext, 'command'>,
  operands: readonly string[],
  options: Record<string, unknown>,
): Promise<number> {
  const printer = await eventPrinter(globals);
  const ctx: CommandContext = { ...globals, command, show: printer.show };
  let output: CommandOutput;
  try {
    const handler = await HANDLERS[name]?.();
    if (handler === undefined) throw new Error(`the verb ${name} has no handler`);
    output = await handler(ctx, operands, options);
  } catch (error) {
    output = { result: unexpected(name, error, globals.verbose) };
  }
  printer.end();
  printOutput({ ...output, result: { ...output.result, command: name } }, globals);
  return exitStatusOf({ command: name, outcome: output.result.outcome });
}

/** Expected failures are values; what is thrown is an invalid argument, a project that does not exist, or a bug. */
function unexpected(name: string, error: unknown, verbose: boolean): VerbResult {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError)
    return callResult(
      name,
      failureOf('usage', {
        message,
        hint: error.hint ?? (name === 'help' ? 'See: autolab --help' : `See: autolab ${name} --help`),
      }),
    );
  const expected = expectedFailure(error);
  if (expected !== null) return callResult(name, expected);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  return callResult(name, failureOf('internal', { message: verbose ? stack : `autolab has a bug: ${message}` }));
}
