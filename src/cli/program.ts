import { Command, CommanderError } from 'commander';
import { failureOf } from '../errors/failure.ts';
import { exitStatusOf, expectedFailure, failedResult, type VerbResult } from '../index.ts';
import { VERSION } from '../platform/version.ts';
import {
  type CommandContext,
  type CommandHandler,
  type CommandOutput,
  type GlobalOptions,
  UsageError,
} from './command.ts';
import { eventPrinter } from './render/events.ts';
import { printOutput } from './render/output.ts';
import { type Verb, VERBS } from './verbs.ts';

/** The command line: one table of verbs, one place where outcomes become exit statuses. */

export async function main(words: readonly string[]): Promise<number> {
  let status = 0;
  const program = new Command('autolab')
    .description('Launches approved experiments exactly once, and keeps a record that anyone can trust later.')
    .version(VERSION, '-V, --version')
    .showHelpAfterError('(see --help)')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({
      writeErr: () => {
        /* Told by us, as text or as JSON. */
      },
    });
  addGlobalOptions(program);
  for (const verb of VERBS)
    addVerb(program, program, verb, (code) => {
      status = code;
    });
  program.allowExcessArguments().action(async () => {
    const unknown = program.args[0];
    if (unknown === undefined) program.outputHelp();
    else status = await tellUnknownVerb(words, unknown);
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      return tellUsage(words, error.message.replace(/^error: /, ''));
    }
    throw error;
  }
}

function addVerb(program: Command, parent: Command, verb: Verb, setStatus: (code: number) => void): void {
  const command = parent
    .command(verb.usage, verb.hidden === true ? { hidden: true } : {})
    .summary(verb.summary)
    .description(verb.description ?? verb.summary)
    .helpCommand(false);
  command.exitOverride().configureOutput({
    writeErr: () => {
      /* As above. */
    },
  });
  addGlobalOptions(command);
  for (const [flags, description] of verb.options ?? []) command.option(flags, description);
  command.addHelpText('after', `\nExample:\n${verb.examples.map((example) => `  $ ${example}`).join('\n')}`);
  if (verb.sub !== undefined) {
    for (const sub of verb.sub) addVerb(program, command, sub, setStatus);
    return;
  }
  const name = parent === program ? command.name() : `${parent.name()} ${command.name()}`;
  command.action(async (...given: unknown[]) => {
    const globals = globalOptions(command.optsWithGlobals());
    const operands = (given.slice(0, -2) as (string | undefined)[]).filter((word) => word !== undefined);
    setStatus(await perform(name, verb.load, globals, operands, command.opts()));
  });
}

function addGlobalOptions(command: Command): void {
  command
    .option('-C, --directory <dir>', 'the project, or a folder in it (default: here)')
    .option('--json', 'print exactly one JSON object on stdout')
    .option('-q, --quiet', 'no progress')
    .option('-v, --verbose', 'say more')
    .option('--no-color', 'no colours (NO_COLOR does the same)');
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
  load: Verb['load'],
  globals: GlobalOptions,
  operands: readonly string[],
  options: Record<string, unknown>,
): Promise<number> {
  const printer = await eventPrinter(globals);
  const ctx: CommandContext = { ...globals, show: printer.show };
  let output: CommandOutput;
  try {
    const handler: CommandHandler = await load();
    output = await handler(ctx, operands, options);
  } catch (error) {
    output = { result: unexpected(name, error, globals.verbose) };
  }
  printer.end();
  printOutput({ ...output, result: { ...output.result, command: name } }, globals);
  return exitStatusOf({ command: name, outcome: output.result.outcome });
}

/** Expected failures are values; what is thrown is a slip of the words, a project that is not there, or a bug. */
function unexpected(name: string, error: unknown, verbose: boolean): VerbResult {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError)
    return failedResult(name, failureOf('usage', { message, hint: `See: autolab ${name} --help` }));
  const expected = expectedFailure(error);
  if (expected !== null) return failedResult(name, expected);
  const stack = error instanceof Error ? (error.stack ?? message) : message;
  return failedResult(name, failureOf('internal', { message: verbose ? stack : `autolab has a bug: ${message}` }));
}

/** The comparison is loaded only for a slip of the fingers. */
async function tellUnknownVerb(words: readonly string[], unknown: string): Promise<number> {
  const { likelyWord } = await import('../platform/misspelling.ts');
  const likely = likelyWord(
    unknown,
    VERBS.map((verb) => verb.usage.split(' ')[0] ?? ''),
  );
  return tellUsage(
    words,
    `unknown command ${JSON.stringify(unknown)}${likely === null ? '' : `; did you mean ${likely}?`}`,
  );
}

function tellUsage(words: readonly string[], message: string): number {
  const verb = words.find((word) => !word.startsWith('-')) ?? '';
  const known = VERBS.some((candidate) => candidate.usage.split(' ')[0] === verb);
  const result = failedResult(
    known ? verb : '',
    failureOf('usage', {
      message: /[.?]$/.test(message) ? message : `${message}.`,
      hint: `See: autolab ${known ? `${verb} ` : ''}--help`,
    }),
  );
  printOutput(
    { result },
    { directory: null, json: words.includes('--json'), quiet: false, verbose: false, color: false },
  );
  return 2;
}
