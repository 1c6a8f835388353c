import type { Entrypoint } from '../project/design.ts';

/** The files that a command names as its program. Pure. */

export interface EntryFile {
  /** In the design. */
  readonly pointer: string;
  /** Relative to the project root. */
  readonly path: string;
}

const INTERPRETER = /^(?:python|pypy|bash|sh|zsh|node|deno|bun|ruby|perl|julia|rscript)[\d.]*$/i;
const SCRIPT = /\.(?:py|sh|bash|[cm]?js|[cm]?ts|rb|pl|jl|r)$/i;
/** Options in place of a file: the code itself, or the name of a module. */
const NO_FILE = ['-c', '-m', '-e', '-p', '--eval', '--print', '-'];

/** The program itself if it is a path, and its script. What only the environment can find is not listed. */
export function entryFiles(entrypoint: Entrypoint, iterationId: string): readonly EntryFile[] {
  if (entrypoint.kind === 'module') return [];
  const { argv, kind } = entrypoint;
  const script = argv.findIndex((word, index) => index > 0 && SCRIPT.test(word) && isRun(argv, index));
  const indexes = [...(argv[0]?.includes('/') === true ? [0] : []), ...(script < 0 ? [] : [script])];
  return indexes.flatMap((index) => {
    const path = inProject(argv[index] ?? '', iterationId);
    return path === null
      ? []
      : [{ pointer: kind === 'cli' ? '/entrypoint/cli' : `/entrypoint/command/${index}`, path }];
  });
}

/** A word behind an option of any program but an interpreter may be a file that the run makes. */
function isRun(argv: readonly string[], index: number): boolean {
  const before = argv.slice(1, index);
  if (before.some((word) => NO_FILE.includes(word))) return false;
  const program = argv[0]?.split('/').at(-1) ?? '';
  return INTERPRETER.test(program) || before.at(-1)?.startsWith('-') !== true;
}

/** Returns null for a path elsewhere, and for one that only the run knows. */
function inProject(word: string, iterationId: string): string | null {
  const path = word
    .replace(/^\{\{\s*repo_root\s*\}\}\/+/, '')
    .replaceAll(/\{\{\s*iteration_id\s*\}\}/g, () => iterationId);
  return /^[/~]|\{\{|\$/.test(path) ? null : path;
}
