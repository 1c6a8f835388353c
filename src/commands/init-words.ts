import { homedir } from 'node:os';
import { readSource } from '../documents/source.ts';
import { realPathOr } from '../platform/files.ts';
import { quoteArgv } from '../platform/quoting.ts';
import { activationFor, ENVIRONMENT_FILE, parseEnvironment } from '../project/environment.ts';
import { commandFor } from '../project/environment-proposal/candidates.ts';
import type { FoundEnvironment } from '../project/environment-proposal/found.ts';
import type { ActivationProposal } from '../project/environment-proposal/propose-activation.ts';

/** What `init` says of the environment of a repository, and of the first experiment. */

/** A docs/environment.md of the user's own. */
export interface OwnEnvironment {
  /** The line of its activation; null if it has none that a launch can use. */
  readonly line: number | null;
  /** Why it has none; null if it has one. */
  readonly problem: string | null;
}

/** Null if there is no such file. */
export function readOwnEnvironment(root: string): OwnEnvironment | null {
  const source = readSource(root, ENVIRONMENT_FILE);
  if (source.missing) return null;
  if (source.text === null) return { line: null, problem: source.problems[0]?.message ?? 'it cannot be read' };
  const { value, problems } = parseEnvironment(source.text, ENVIRONMENT_FILE);
  const activation = value === null ? null : (activationFor(value, 'local') ?? activationFor(value, 'slurm'));
  if (activation !== null) return { line: activation.line, problem: null };
  return { line: null, problem: problems[0]?.message ?? 'there is no activation' };
}

/** A sentence that follows another one. Pure. */
export function wordsOfEnvironment(
  { activation, from, missing, failed }: ActivationProposal,
  own: OwnEnvironment | null,
): string {
  if (own !== null)
    return own.line === null
      ? ` Your ${ENVIRONMENT_FILE} has no usable activation.`
      : ` Your ${ENVIRONMENT_FILE} stays; line ${own.line} begins its activation.`;
  if (from.length > 0) return ` ${ENVIRONMENT_FILE} has an activation, read from ${from.join(', ')}.`;
  if (failed !== undefined) return ` ${ENVIRONMENT_FILE} activates nothing: autolab tried what it found in ${failed}.`;
  const [lacking] = missing;
  if (lacking !== undefined)
    return ` ${ENVIRONMENT_FILE} activates nothing yet: ${lacking.from} is there, its environment is not (${lacking.first}).`;
  return activation.includes('\n#') ? ` ${ENVIRONMENT_FILE} says what was found; nothing has to be activated.` : '';
}

/** A sentence for a folder in which few mean to have a project. */
export function wordsOfPlace(root: string): string {
  const real = realPathOr(root);
  if (real !== '/' && real !== realPathOr(homedir())) return '';
  return ` This is ${real === '/' ? 'the root of the file system' : 'your home folder'}: every folder below is in this project, unless it has its own.`;
}

/** What to type next. `isTaken`: there is something in the place of an experiment with that id. */
export function firstStep(
  enter: string,
  found: FoundEnvironment,
  own: OwnEnvironment | null,
  isTaken: (id: string) => boolean,
): string {
  const { program } = found;
  const words =
    program === null
      ? 'autolab new NAME -- COMMAND'
      : `autolab new ${freeName(nameOf(program), isTaken)} -- ${quoteArgv(commandFor(program, found))}`;
  const add = `Add an experiment: ${enter}${words}`;
  const problem = own?.problem ?? null;
  return problem === null ? add : `In ${ENVIRONMENT_FILE}, ${problem}. ${add}`;
}

function freeName(name: string, isTaken: (id: string) => boolean): string {
  const others = Array.from({ length: 9 }, (_one, at) => `${name}-${at + 2}`);
  return [name, ...others].find((one) => !isTaken(one)) ?? 'NAME';
}

/** `scripts/train.py` → `train`. */
function nameOf(program: string): string {
  const name = program.replace(/^.*\//, '').replace(/\.[^.]*$/, '');
  return /^[A-Za-z0-9][\w.-]*$/.test(name) ? name : 'first';
}
