/** Which words of an entrypoint name its interpreter. Pure. */
export interface InterpreterWords {
  /** `NAME=value` for `env`, which the interpreter is asked with, too. */
  readonly assignments: readonly string[];
  readonly program: string;
  /** Options of Python that change where it finds packages. */
  readonly options: readonly string[];
}

/** Programs that start their arguments as a command, and change nothing of where packages are found. */
const STARTERS: ReadonlySet<string> = new Set([
  ...['chrt', 'ionice', 'mpiexec', 'mpirun', 'nice', 'nohup', 'numactl', 'setsid', 'srun', 'stdbuf', 'taskset', 'time'],
  'timeout',
]);
/** Programs that choose an environment or an image at their start: asking them could install or mount something. */
const CHOOSERS: ReadonlySet<string> = new Set([
  ...['apptainer', 'conda', 'docker', 'mamba', 'micromamba', 'pdm', 'pipenv', 'pixi', 'podman', 'poetry', 'rye'],
  ...['hatch', 'npm', 'npx', 'pipx', 'pnpm', 'singularity', 'uv', 'uvx', 'yarn'],
]);
const ASSIGNMENT = /^[A-Za-z_]\w*=/;
/** With these, what an interpreter says depends on more than its own words. */
const CHANGES_SEARCH = /^(?:PATH|LD_LIBRARY_PATH|LD_PRELOAD)=/;
/** A number of processes, a list of processors, a duration. */
const NUMBERS = /^[\d.,:-]+[smhd]?$/;
const PYTHON = /^(?:python|pypy)[\d.]*$/;
const SEARCH_OPTION = /^-(?=[A-Za-z]*[EIsSP])[bBdEiIOPqRsSuvx]+$/;

/** Returns null if it cannot be told without running anything: behind an option with a value, or behind `uv run`. */
export function interpreterWords(argv: readonly string[]): InterpreterWords | null {
  const starters = argv.findIndex((word) => !STARTERS.has(nameOf(word)));
  const [rest, isBehindStarter] = behindStarters(argv, starters);
  const [assignments, [program = '', ...words]] = nameOf(rest[0] ?? '') === 'env' ? behindEnv(rest) : [[], rest];
  const name = nameOf(program);
  if (program === '' || program.startsWith('-') || CHOOSERS.has(name) || STARTERS.has(name) || name === 'env')
    return null;
  // What stands behind a starter may be the value of one of its options.
  if (isBehindStarter && !isInterpreter(name)) return null;
  if (assignments.some((assignment) => CHANGES_SEARCH.test(assignment))) return null;
  const end = words.findIndex((word) => !word.startsWith('-'));
  const options = PYTHON.test(name)
    ? words.slice(0, end < 0 ? words.length : end).filter((word) => SEARCH_OPTION.test(word))
    : [];
  return { assignments, program, options };
}

/** The image that an entrypoint names: a file, or a place to fetch it from. Null if it names none, or after other options. */
export function containerImage(argv: readonly string[]): string | null {
  const at = argv.findIndex((word) => ['apptainer', 'singularity'].includes(nameOf(word)));
  if (at < 0 || !argv.slice(0, at).every((word) => STARTERS.has(nameOf(word)) || isOption(word))) return null;
  const [, verb = '', ...words] = argv.slice(at);
  if (!['exec', 'run'].includes(verb)) return null;
  return words.find((word) => /(?:\.(?:sif|simg))$|^[a-z]+:\/\//.test(word)) ?? null;
}

function isOption(word: string): boolean {
  return word.startsWith('-') || NUMBERS.test(word);
}

function nameOf(word: string): string {
  return word.slice(word.lastIndexOf('/') + 1);
}

function isInterpreter(name: string): boolean {
  return PYTHON.test(name) || ['node', 'Rscript', 'julia', 'bash', 'env'].includes(name);
}

function behindStarters(argv: readonly string[], first: number): readonly [readonly string[], boolean] {
  if (first <= 0) return [first < 0 ? [] : argv, false];
  const rest = argv.slice(first);
  const next = rest.findIndex((word) => !isOption(word));
  return [next < 0 ? [] : rest.slice(next), true];
}

function behindEnv([, ...words]: readonly string[]): readonly [readonly string[], readonly string[]] {
  const end = words.findIndex((word) => !ASSIGNMENT.test(word));
  return end < 0 ? [words, []] : [words.slice(0, end), words.slice(end)];
}
