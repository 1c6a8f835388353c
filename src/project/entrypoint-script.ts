/** The file of a command that must be there for it to run: `train.py` of `python -u train.py --lr 0.1`. Pure. */

const INTERPRETERS =
  /^(?:python[\d.]*|pypy3?|bash|sh|dash|zsh|node|nodejs|deno|bun|Rscript|julia|perl|ruby|lua|octave)$/;
/** What follows is code or a module, not a file. */
const NO_FILE = ['-m', '-c', '-e', '--eval', '-', '--'];
/** Their value is the next word. */
const TAKES_VALUE = ['-W', '-X', '-r', '--require', '--import'];

/** Null if the command names no such file, or only the run knows its name. */
export function entrypointScript(argv: readonly string[]): string | null {
  const [program = '', ...words] = argv;
  const isInterpreter = INTERPRETERS.test(program.split('/').at(-1) ?? '');
  const script = isInterpreter ? firstFile(words) : program.includes('/') ? program : null;
  return script === null || script.includes('{{') ? null : script;
}

function firstFile(words: readonly string[]): string | null {
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (NO_FILE.includes(word)) return null;
    if (TAKES_VALUE.includes(word)) index += 1;
    else if (!word.startsWith('-')) return word === 'run' || word === 'test' ? null : word;
  }
  return null;
}
