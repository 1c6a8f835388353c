import { callSuccess } from '../../index.ts';
import { type CommandHandler, UsageError } from '../command.ts';
import { makeProgram } from '../make-program.ts';
import { VERBS } from '../verbs.ts';

export const help: CommandHandler = async (_ctx, words) => {
  let command = makeProgram(VERBS, () => Promise.resolve());
  for (const word of words) {
    const found = command.commands.find((candidate) => candidate.name() === word);
    if (found === undefined)
      throw new UsageError(
        await unknown(
          word,
          command.commands.map((known) => known.name()),
          command.parent === null ? null : command.name(),
        ),
      );
    command = found;
  }
  let text = '';
  command.configureOutput({
    writeOut: (chunk) => {
      text += chunk;
    },
  });
  command.outputHelp();
  const name = ['autolab', ...words].join(' ');
  return { result: callSuccess('help', `The help of ${name}.`), text };
};

async function unknown(word: string, known: readonly string[], of: string | null): Promise<string> {
  if (of !== null && known.length === 0)
    return `The command ${of} has no commands, so there is no help of ${JSON.stringify(`${of} ${word}`)}; help takes one command.`;
  const { likelyWord } = await import('../../platform/misspelling.ts');
  const likely = likelyWord(word, known);
  return `Unknown command ${JSON.stringify(word)}${likely === null ? '.' : `; did you mean ${likely}?`}`;
}
