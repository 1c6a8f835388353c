import { CommanderError } from 'commander';
import { failureOf } from '../errors/failure.ts';
import { callResult, callSuccess, exitStatusOf } from '../index.ts';
import { sentence } from '../platform/sentence.ts';
import { VERSION } from '../platform/version.ts';
import type { GlobalOptions } from './command.ts';
import { makeProgram } from './make-program.ts';
import type { Call } from './quick-call.ts';
import { printOutput } from './render/output.ts';
import type { Verb } from './verb.ts';
import { verbOf, VERBS } from './verbs.ts';

/** The command line by the parser: any call, and what is said about one that is not well formed. */

export async function parse(words: readonly string[], perform: (call: Call) => Promise<number>): Promise<number> {
  let status = 0;
  const program = makeProgram(verbsFor(words), async (call) => {
    status = await perform(call);
  });
  program.allowExcessArguments().action(async () => {
    const unknown = program.args[0];
    if (unknown !== undefined) status = await printUnknownCommand(words, unknown);
    else program.outputHelp();
  });
  // Wherever it is among the words, nothing else of the call is looked at.
  program.on('option:version', () => {
    throw new VersionWanted();
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return status;
  } catch (error) {
    if (error instanceof VersionWanted) return printVersion(words.includes('--json'));
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : printUsage(words, await plainMessage(words, error));
  }
}

/** Parsing a call needs only the verbs that are among its words. */
function verbsFor(words: readonly string[]): readonly Verb[] {
  const named = VERBS.filter(({ name }) => words.includes(name));
  return named.length === 0 || words[0]?.startsWith('-') === true ? VERBS : named;
}

class VersionWanted extends Error {}

function printVersion(json: boolean): number {
  const result = callSuccess('version', `autolab ${VERSION}`);
  const versions = { version: VERSION, node: process.versions.node };
  printOutput({ result: { ...result, ...versions }, text: `${VERSION}\n` }, { ...PLAIN, json });
  return exitStatusOf(result);
}

async function printUnknownCommand(words: readonly string[], unknown: string): Promise<number> {
  return printUsage(words, `Unknown command ${JSON.stringify(unknown)}${await nearest(unknown, namesOf(VERBS))}`);
}

function namesOf(verbs: readonly Verb[]): readonly string[] {
  return verbs.filter(({ hidden }) => hidden !== true).map(({ name }) => name);
}

/** The comparison is loaded only for a slip of the fingers. */
async function nearest(word: string, known: readonly string[]): Promise<string> {
  const { likelyWord } = await import('../platform/misspelling.ts');
  const likely = likelyWord(word, known);
  return likely === null ? '' : `; did you mean ${likely}?`;
}

/** commander's complaint in one sentence, with the nearest command or option. */
async function plainMessage(words: readonly string[], { code, message }: CommanderError): Promise<string> {
  const [, word = ''] = /'([^']*)'/.exec(message) ?? [];
  const { verb } = verbOf(words);
  const commands = namesOf(verb?.sub ?? VERBS);
  switch (code) {
    case 'commander.unknownOption':
      return `Unknown option ${word}${await likelyFlag(word, verb)}${afterDashes(verb)}`;
    case 'commander.unknownCommand':
      return `Unknown command ${JSON.stringify(word)}${await nearest(word, commands)}`;
    case 'commander.optionMissingArgument':
      return `${/--[a-z-]+/.exec(word)?.[0] ?? word} needs a value`;
    case 'commander.help':
      return `Name a command: ${commands.join(', ')}`;
    case 'commander.excessArguments':
      return `${capitalized(firstLine(message))}${afterDashes(verb)}`;
    default:
      return capitalized(firstLine(message));
  }
}

async function likelyFlag(word: string, verb: Verb | null): Promise<string> {
  if (verb?.command !== true) return nearest(word, flagsOf(verb));
  const { sameAsSbatch } = await import('./sbatch-flags.ts');
  const same = sameAsSbatch(word);
  return same === null ? nearest(word, flagsOf(verb)) : `; autolab calls it ${same}`;
}

/** The word may have been meant for the run. */
function afterDashes(verb: Verb | null): string {
  return verb?.command === true ? "; the run's command follows after --" : '';
}

function firstLine(message: string): string {
  return message
    .replace(/^error: /, '')
    .replace(/\n.*$/s, '')
    .replace(/\.$/, '');
}

function flagsOf(verb: Verb | null): readonly string[] {
  const flags = (verb?.options ?? []).map((option) => option.flags);
  return [...flags.flatMap((text) => text.match(/--[a-z-]+/g) ?? []), ...GLOBAL_FLAGS];
}

function capitalized(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

const GLOBAL_FLAGS = ['--directory', '--json', '--quiet', '--verbose', '--no-color', '--help', '--version'];

function printUsage(words: readonly string[], message: string): number {
  const { path } = verbOf(words);
  const result = callResult(
    path[0] ?? '',
    failureOf('usage', {
      message: sentence(message),
      hint: `See: autolab ${[...path, '--help'].join(' ')}`,
    }),
  );
  printOutput({ result }, { ...PLAIN, json: words.includes('--json') });
  return exitStatusOf(result);
}

/** Of a call whose options are not known. */
const PLAIN: GlobalOptions = { directory: null, json: false, quiet: false, verbose: false, color: false };
