import { type Command, Help, Option } from 'commander';
import { EXIT_STATUS } from '../index.ts';
import { GLOBAL_OPTIONS, GROUPS, type Verb, type VerbOption } from './verb.ts';

/** The words of the help: commands in groups, common options last, and where to read on. */

const GLOBAL_GROUP = 'Global options:';

export function addGlobalOptions(command: Command): void {
  const options = GLOBAL_OPTIONS.map(({ flags, description }) => new Option(flags, description));
  for (const option of options) command.addOption(option.helpGroup(GLOBAL_GROUP));
  command.addHelpOption(new Option('-h, --help', 'show this help').helpGroup(GLOBAL_GROUP));
  command.configureHelp({ formatHelp, subcommandTerm });
}

export function addVersionOption(command: Command): void {
  command.addOption(new Option('-V, --version', 'print the version').helpGroup(GLOBAL_GROUP));
}

/** commander's own, with the global options at the end. */
function formatHelp(command: Command, helper: Help): string {
  const sections = Help.prototype.formatHelp.call(helper, command, helper).trimEnd().split('\n\n');
  const isGlobal = (section: string): boolean => section.startsWith(GLOBAL_GROUP);
  const ordered = [...sections.filter((section) => !isGlobal(section)), ...sections.filter(isGlobal)];
  return `${ordered.join('\n\n')}\n`;
}

/** Every command has options: that need not be said. */
function subcommandTerm(command: Command): string {
  return [command.name(), ...operandTerms(command)].join(' ');
}

function operandTerms(command: Command): readonly string[] {
  return command.registeredArguments.map((argument) => {
    const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
    return argument.required ? `<${name}>` : `[${name}]`;
  });
}

export function describe(command: Command, verb: Verb): void {
  command.summary(verb.summary).description(verb.description ?? sentence(verb.summary));
  for (const { usage, description } of verb.operands ?? []) command.argument(usage, description);
  for (const option of verb.options ?? []) command.addOption(optionOf(option).helpGroup('Options:'));
  if (verb.command === true) command.usage(`${operandTerms(command).join(' ')} [options] [-- COMMAND...]`);
  command.commandsGroup('Commands:');
  if (verb.group !== undefined) command.helpGroup(`${verb.group}:`);
  const [first, ...more] = verb.examples.map((example) => `  $ ${example}`);
  if (first !== undefined)
    command.addHelpText('after', `\n${more.length > 0 ? 'Examples' : 'Example'}:\n${[first, ...more].join('\n')}`);
}

function optionOf({ flags, description, required, repeated }: VerbOption): Option {
  if (repeated !== true) return new Option(flags, required === true ? `${description} (required)` : description);
  return new Option(flags, `${description} (repeatable)`).argParser<readonly string[] | undefined>(
    (word, before = []) => [...before, word],
  );
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

/** In the order of the groups, whatever the order of the table. */
export function inGroups(verbs: readonly Verb[]): readonly Verb[] {
  const grouped = GROUPS.flatMap((group) => verbs.filter((verb) => verb.group === group));
  return [...grouped, ...verbs.filter((verb) => verb.group === undefined)];
}

const STATUSES: readonly (readonly [status: number, meaning: string])[] = [
  [EXIT_STATUS.ok, 'success'],
  [EXIT_STATUS.internal_error, 'a bug in autolab'],
  [EXIT_STATUS.usage, 'invalid arguments'],
  [EXIT_STATUS.needs_retry, 'a check or the run failed'],
  [EXIT_STATUS.human_review, 'the attempts are used up; the operator decides'],
  [EXIT_STATUS.refused, 'refused; nothing was written'],
  [EXIT_STATUS.conflict, 'another autolab or run is active'],
  [EXIT_STATUS.undetermined, 'the state is unknown; call again to continue'],
  [EXIT_STATUS.interrupted, 'interrupted'],
];

export function footer(): string {
  const rows = STATUSES.map(([status, meaning]) => `  ${String(status).padEnd(4)} ${meaning}`);
  return `
Exit status:
${rows.join('\n')}

Help for a command: autolab help COMMAND
Documentation: https://github.com/autolab-launcher/autolab/tree/main/docs`;
}
