import { relative, resolve } from 'node:path';
import { shown } from '../documents/excerpt.ts';
import { exists, realPathOr } from '../platform/files.ts';
import { quoteArgv, quotePosix } from '../platform/quoting.ts';
import { entrypointScript } from '../project/entrypoint-script.ts';
import { splitShellWords } from '../project/shell-words.ts';

/** What is wrong with a command, seen from the folder that the user stands in. Each returns null if nothing is. */

/** The command names a file of the user's folder, and the run begins in the project's root. */
export function misplacedScript(root: string, command: readonly string[] | null): string | null {
  const script = entrypointScript(command ?? []);
  if (script === null || !exists(resolve(script))) return null;
  const [here, there] = [realPathOr(resolve(script)), realPathOr(resolve(root, script))];
  if (here === there) return null;
  const path = relative(realPathOr(root), here);
  if (path.startsWith('..')) return null;
  const typed = path.startsWith('-') ? `./${path}` : path;
  if (!exists(there)) return `the command names ${script}, and runs in ${root}; write ${typed}`;
  return `the command names ${script}, and there are two: write ${typed} for the one here; for ${there} repeat the command in the root of the project: cd ${quotePosix(root)}`;
}

/** A whole line in quotes, as `sbatch --wrap` takes it: no program has such a name. */
export function oneWord(root: string, command: readonly string[] | null): string | null {
  const [program = '', ...others] = command ?? [];
  if (!/\S\s+\S/.test(program) || program.includes('{{') || exists(resolve(root, program))) return null;
  const split = splitShellWords(program);
  const isShell = !split.ok || /[|&;<>$`*?]/.test(program);
  const words = isShell ? ['bash', '-c', program] : split.words;
  return `the command begins with the one word ${shown(program)}, and no file has that name; write: -- ${quoteArgv([...words, ...others])}`;
}
