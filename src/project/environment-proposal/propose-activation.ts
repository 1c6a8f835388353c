import { type Candidate, inHome, waysToActivate } from './candidates.ts';
import { type FoundEnvironment, INTERPRETERS, languagesOf, MODULE_NAMES } from './found.ts';

/** The activation that docs/environment.md begins with. Pure. */

export interface ActivationProposal {
  /** The text of the block. */
  readonly activation: string;
  /** What it was read from; empty if nothing is activated. */
  readonly from: readonly string[];
  /** What was found and needs something first: the command, and what it was read from. */
  readonly missing: readonly { readonly from: string; readonly first: string }[];
  /** Why what was found is a comment after all: it was tried, and failed. */
  readonly failed?: string;
}

const NOTHING = '# nothing to activate';

/** The most specific activation that works now is active; the others are comments. */
export function proposeActivation(found: FoundEnvironment): ActivationProposal {
  const candidates = waysToActivate(found);
  const chosen = candidates.find(({ first }) => first === null);
  const active = [...modulesFor(found, chosen), ...(chosen === undefined ? [] : [chosen])];
  const others = candidates.filter((candidate) => candidate !== chosen);
  const commands = active.flatMap((candidate) => candidate.commands);
  const lines = [
    ...(commands.length === 0 ? [NOTHING] : []),
    ...active.flatMap((candidate) => [
      `# from ${candidate.from.join(', ')}${remarkOn(candidate)}`,
      ...candidate.commands,
    ]),
    ...others.flatMap(asComment),
    ...offered(found),
  ];
  return {
    activation: `${lines.join('\n')}\n`,
    from: commands.length === 0 ? [] : active.flatMap(({ from }) => from),
    missing: others.flatMap(({ from, first }) => (first === null ? [] : [{ from: from[0] ?? '', first }])),
  };
}

function remarkOn({ commands }: Candidate): string {
  return commands.length === 0 ? ', which needs no activation' : '';
}

function asComment({ from, commands, first }: Candidate): readonly string[] {
  const instead = commands.length === 0 ? '' : '; then, here:';
  const why =
    first === null ? (commands.length === 0 ? ': needs no activation' : ', instead:') : `: ${first}${instead}`;
  return [`# from ${from.join(', ')}${why}`, ...commands.map((command) => `# ${command}`)];
}

/** What is loaded in the user's shell; if an interpreter is missing there, the module that has it. */
function modulesFor(found: FoundEnvironment, chosen: Candidate | undefined): readonly Candidate[] {
  const { loadedModules, modules, home } = found.shell;
  const loaded = loadedModules.map((name) => ({ name, from: 'the modules that are loaded in your shell' }));
  const hasPython = chosen !== undefined && chosen.commands.some((command) => command.includes('activate'));
  const missing = languagesOf(found)
    .filter((language) => !INTERPRETERS[language].some((name) => found.shell.programs.includes(name)))
    .filter((language) => !(language === 'python' && hasPython))
    .flatMap((language) => moduleOf(language, modules?.available ?? []))
    .map((name) => ({ name, from: 'what `module avail` offers' }));
  const wanted = [...loaded, ...missing.filter(({ name }) => !loadedModules.includes(name))];
  // A script's shell does not have the command of a login shell.
  const script = modules?.script ?? null;
  if (script === null || wanted.length === 0) return [];
  const define = [`source ${inHome(script, home)}`];
  const load = `module load ${wanted.map(({ name }) => name).join(' ')}`;
  return [{ from: [...new Set(wanted.map(({ from }) => from))], commands: [...define, load], first: null }];
}

/** The newest module of a language; empty if there is none. */
function moduleOf(language: keyof typeof INTERPRETERS, available: readonly string[]): readonly string[] {
  return available.filter((name) => name.split('/')[0] === MODULE_NAMES[language]).slice(-1);
}

/** What failed when it was tried, as comments. */
export function asFailed({ activation, missing, from }: ActivationProposal, words: string): ActivationProposal {
  const lines = activation.trimEnd().split('\n');
  const comments = lines.map((line) => (line.startsWith('#') ? line : `# ${line}`));
  const first = `${NOTHING}; what follows failed when autolab tried it: ${words}`;
  return {
    activation: `${[first, ...comments].join('\n')}\n`,
    from: [],
    missing,
    failed: `${from.join(', ')}: ${words}`,
  };
}

/** What else the `module` command has for the languages. */
function offered({ shell }: FoundEnvironment): readonly string[] {
  const available = shell.modules?.available ?? [];
  return available.length === 0 ? [] : [`# module avail: ${available.slice(0, 20).join(' ')}`];
}
