import { Command } from 'commander';
import { addGlobalOptions, addVersionOption, describe, footer, inGroups } from './help.ts';
import { print } from './print.ts';
import type { Call } from './quick-call.ts';
import type { Verb } from './verb.ts';

/** The parser of the command line, and its help. */

type Perform = (call: Call) => Promise<void>;

const QUIET = {
  writeOut: (text: string): void => {
    print('stdout', text);
  },
  writeErr: (): void => {
    /* Printed by us, as text or as JSON. */
  },
};

export function makeProgram(verbs: readonly Verb[], perform: Perform): Command {
  const program = new Command('autolab')
    .usage('COMMAND [options]')
    .description('Launch approved experiments exactly once, and keep a record that anyone can trust later.')
    .helpCommand(false)
    .exitOverride()
    .configureOutput(QUIET)
    .showSuggestionAfterError(false)
    .addHelpText('after', footer);
  addGlobalOptions(program);
  addVersionOption(program);
  for (const verb of inGroups(verbs)) addVerb(program, verb, '', perform);
  return program;
}

function addVerb(parent: Command, verb: Verb, prefix: string, perform: Perform): void {
  const command = parent
    .command(verb.name, { hidden: verb.hidden === true })
    .helpCommand(false)
    .exitOverride()
    .configureOutput(QUIET)
    .showSuggestionAfterError(false);
  describe(command, verb);
  addGlobalOptions(command);
  const name = `${prefix}${verb.name}`;
  for (const sub of verb.sub ?? []) addVerb(command, sub, `${name} `, perform);
  if (verb.sub !== undefined) return;
  command.action(async (...given: unknown[]) => {
    const operands = (given.slice(0, -2) as (string | readonly string[] | undefined)[]).flatMap((word) => word ?? []);
    await perform({ name, operands, own: command.opts(), all: command.optsWithGlobals() });
  });
}
