import type { OpenedData } from './run-data.ts';

/** The command of a run in two parts: what was run, and with which arguments. Pure. */

export interface CommandParts {
  /** All of it. */
  readonly words: readonly string[];
  /** Without versions and paths of the interpreter, and without arguments: `python train.py`, `python -m pkg.train`. */
  readonly program: string;
  /** By name, in their order; a flag without a value is `true`, and words without a name are `$1`, `$2`, …. */
  readonly arguments: ReadonlyMap<string, string>;
}

/** What differs between runs of one design stands as `{{run_dir}}` and the like. */
export function commandParts({ entrypoint, run_id }: Pick<OpenedData, 'entrypoint' | 'run_id'>): CommandParts {
  return partsOfWords(
    wordsOf(entrypoint.template) ?? entrypoint.argv.map((word) => word.replaceAll(run_id, '{{run_id}}')),
  );
}

export function partsOfWords(words: readonly string[]): CommandParts {
  const at = programEnd(words);
  const program = words.slice(0, at);
  const names = at === 1 ? [] : [...(program.at(-2) === '-m' ? ['-m'] : []), program.at(-1) ?? ''];
  const between = program.slice(1, -names.length || undefined);
  return {
    words,
    program: [interpreter(words[0] ?? ''), ...names].join(' '),
    arguments: new Map([...argumentsIn(between, false), ...argumentsIn(words.slice(at), true)]),
  };
}

const PIECE = /'([^']*)'|\\'|"\$\{AUTOLAB_([A-Z_]+)\}"|([A-Za-z0-9_@%+=:,./-]+)|( )/y;

/** The words of the line that autolab writes into scripts: `shellWords` made it. Null for any other line. */
function wordsOf(template: string): readonly string[] | null {
  const words: string[] = [];
  let word = '';
  PIECE.lastIndex = 0;
  while (PIECE.lastIndex < template.length) {
    const [piece, quoted, variable, plain, space] = PIECE.exec(template) ?? [];
    if (piece === undefined) return null;
    if (space === undefined)
      word += quoted ?? plain ?? (variable === undefined ? "'" : `{{${variable.toLowerCase()}}}`);
    else {
      words.push(word);
      word = '';
    }
  }
  return [...words, word];
}

const STARTERS =
  /^(?:python|pypy|node|deno|bun|bash|sh|zsh|ksh|dash|Rscript|julia|perl|ruby|octave|php|java|env|srun|mpirun|mpiexec|torchrun|accelerate|deepspeed|uv|conda|mamba|micromamba|poetry|pipenv|time|nice|apptainer|singularity)$/;
const SCRIPT = /^[^-=][^=]*\.(?:py|sh|bash|R|r|jl|js|mjs|cjs|ts|pl|rb|m|php|jar|ipynb)$/;
/** Their text is the script. */
const INLINE = ['-c', '-e', '-lc'];

/** How many words name the program: up to the first module or script of what starts one, else the first word. */
function programEnd(words: readonly string[]): number {
  if (!STARTERS.test(interpreter(words[0] ?? ''))) return 1;
  const at = words.findIndex((word, index) => index > 0 && (words[index - 1] === '-m' || SCRIPT.test(word)));
  const inline = words.findIndex((word, index) => index > 0 && INLINE.includes(word));
  if (inline > 0 && (at < 0 || inline < at)) return inline + 1;
  return at < 0 ? 1 : at + 1;
}

/** `/usr/bin/python3.11` is `python`. */
function interpreter(word: string): string {
  const name = word.slice(word.lastIndexOf('/') + 1);
  const plain = name.replace(/[\d.]+$/, '');
  return STARTERS.test(plain) ? plain : word;
}

const NEGATIVE = /^-(?:\d|\.\d)/;

/** `counted`: words without a name are arguments, too. */
function argumentsIn(words: readonly string[], counted: boolean): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (name: string, value: string): void => {
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before} ${value}`);
  };
  let positions = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const next = words[at + 1];
    const [, option, pair, joined] =
      /^(?:--?([A-Za-z_][^=]*)|([A-Za-z_+~][\w.+/@-]*)(?==))(?:=(.*))?$/s.exec(word) ?? [];
    const name = option ?? pair;
    if (name !== undefined && joined !== undefined) add(name, joined);
    else if (name === undefined) {
      positions += 1;
      if (counted) add(`$${positions}`, word);
    } else if (
      next !== undefined &&
      (!next.startsWith('-') || NEGATIVE.test(next)) &&
      !/^[A-Za-z_][\w.]*=/.test(next)
    ) {
      add(name, next);
      at += 1;
    } else add(name, 'true');
  }
  return found;
}

/** The names of which not all of these have the same value; in the order in which they are met. */
export function differingNames(all: readonly ReadonlyMap<string, string>[]): readonly string[] {
  const names = [...new Set(all.flatMap((one) => [...one.keys()]))];
  return names.filter((name) => new Set(all.map((one) => one.get(name) ?? null)).size > 1);
}
