import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import type { Design } from '../project/design.ts';
import { entrypointWords, shellWords } from './entrypoint.ts';
import { findLiteralPlaceholders } from './literal-placeholders.ts';
import { LOCAL_PROLOGUE, LOCAL_PROLOGUE_BEGIN } from './prologue.ts';
import { commandEndsWith } from './simple-command.ts';

/** The rules for `run_local.sh`, ours or written by hand (R16). Pure; whether bash can parse it, the caller asks bash. */

export interface LintOptions {
  /** null: no limit. */
  readonly maxLines: number | null;
  /** What must be run; left out, it is not looked for. */
  readonly design?: Pick<Design, 'entrypoint'>;
  readonly python?: string;
  /** The activation block that must be there; left out, it is not looked for. */
  readonly activation?: string;
}

interface Script {
  readonly file: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** Every broken rule, in the order of the lines. */
export function lintLocalScript(text: string, file: string, options: LintOptions): Problem[] {
  const plain = text.replaceAll('\r\n', '\n');
  const script: Script = { file, text: plain, lines: plain.split('\n') };
  const prologue = prologueProblems(script);
  const from = plain.indexOf(LOCAL_PROLOGUE);
  // Looked for behind the prologue; without one, anywhere, so that one mistake does not look like three.
  const after = from < 0 ? 0 : from + LOCAL_PROLOGUE.length;
  return [
    ...characterProblems(file, text),
    ...shebangProblems(script),
    ...strictModeProblems(script),
    ...prologue,
    ...activationProblems(script, after, options.activation),
    ...entrypointProblems(script, after, options),
    ...placeholderProblems(script),
    ...lengthProblems(script, options.maxLines),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

function at(file: string, line: number, column: number, message: string, code: Code = 'script.invalid'): Problem {
  return { file, line, column, pointer: null, code, severity: 'error', message };
}

function atOffset(file: string, text: string, offset: number, message: string, code?: Code): Problem {
  const before = text.slice(0, offset);
  return at(file, before.split('\n').length, offset - before.lastIndexOf('\n'), message, code);
}

function characterProblems(file: string, text: string): Problem[] {
  const problems: Problem[] = [];
  const carriageReturn = text.indexOf('\r\n');
  const nul = text.indexOf('\0');
  if (carriageReturn >= 0)
    problems.push(atOffset(file, text, carriageReturn, 'the line ends in CR LF; save the script with LF line ends'));
  if (nul >= 0) problems.push(atOffset(file, text, nul, 'there is a NUL character; remove it'));
  return problems;
}

function shebangProblems({ file, lines }: Script): Problem[] {
  const first = lines[0] ?? '';
  if (/^#!\s*(?:\/\S*\/)?(?:env\s+(?:-S\s+)?)?(?:\/\S*\/)?bash(?:\s|$)/.test(first)) return [];
  const bom = first.startsWith('\uFEFF') ? ' (it begins with a byte order mark)' : '';
  return [at(file, 1, 1, `line 1 must start bash, but is ${shown(first)}${bom}; write: #!/usr/bin/env bash`)];
}

/** Index of the first line that runs something; the number of lines where none does. */
function firstCommand(lines: readonly string[]): number {
  const found = lines.findIndex((line) => !isPassive(line));
  return found < 0 ? lines.length : found;
}

function isPassive(line: string): boolean {
  return /^\s*(?:#|$)/.test(line);
}

const STRICT_MODE = /^set -E?euo pipefail\s*(?:#.*)?$/;

function strictModeProblems({ file, lines }: Script): Problem[] {
  const first = firstCommand(lines);
  const line = lines[first] ?? '';
  if (STRICT_MODE.test(line)) return [];
  const later = lines.findIndex((one) => STRICT_MODE.test(one));
  const advice = later < 0 ? 'write it before this line' : `move it here from line ${String(later + 1)}`;
  return [at(file, first + 1, 1, `the first command must be \`set -euo pipefail\`, but is ${shown(line)}; ${advice}`)];
}

/** A wrong `set` was complained about already. */
const SETS_OPTIONS = /^set -[A-Za-z]+(?: pipefail)?\s*(?:#.*)?$/;
const PRINT_IT = '`autolab lint-script --prologue` prints it';

function prologueProblems({ file, text, lines }: Script): Problem[] {
  const first = firstCommand(lines);
  const begin = lines.indexOf(LOCAL_PROLOGUE_BEGIN);
  if (begin < 0) {
    const other = lines.findIndex((line) => line.startsWith('# autolab prologue '));
    const where = Math.min(first + 1, lines.length - 1);
    return other < 0
      ? [at(file, where + 1, 1, `the prologue is missing; put it right after \`set -euo pipefail\` (${PRINT_IT})`)]
      : [
          at(
            file,
            other + 1,
            1,
            `${shown(lines[other] ?? '')} begins another version of the prologue; replace it (${PRINT_IT})`,
          ),
        ];
  }
  const early = lines.findIndex((line, index) => index < begin && !isPassive(line) && !SETS_OPTIONS.test(line));
  const problems =
    early < 0
      ? []
      : [
          at(
            file,
            early + 1,
            1,
            `${shown(lines[early] ?? '')} runs before the prologue; move it behind the prologue's end`,
          ),
        ];
  if (`\n${text}`.includes(`\n${LOCAL_PROLOGUE}`)) return problems;
  const expected = LOCAL_PROLOGUE.split('\n').slice(0, -1);
  const different = Math.max(
    0,
    expected.findIndex((line, index) => lines[begin + index] !== line),
  );
  const found = shown(lines[begin + different] ?? '');
  return [
    ...problems,
    at(
      file,
      begin + different + 1,
      1,
      `the prologue was changed: write ${shown(expected[different] ?? '')} instead of ${found} (${PRINT_IT})`,
    ),
  ];
}

function activationProblems({ file, text }: Script, after: number, activation: string | undefined): Problem[] {
  if (activation === undefined || activation.split('\n').every(isPassive)) return [];
  const block = activation.endsWith('\n') ? activation : `${activation}\n`;
  if (`\n${text.slice(after)}`.includes(`\n${block}`)) return [];
  const elsewhere = `\n${text}`.includes(`\n${block}`);
  const what = elsewhere
    ? 'the runtime environment is activated before the prologue; move it behind'
    : 'the runtime environment is not activated as docs/environment.md says; behind the prologue, write its block word for word';
  return [atOffset(file, text, after, `${what}, beginning with: ${shown(firstRunning(activation))}`)];
}

function firstRunning(block: string): string {
  return block.split('\n').find((line) => !isPassive(line)) ?? '';
}

function entrypointProblems({ file, text }: Script, after: number, { design, python }: LintOptions): Problem[] {
  if (design === undefined) return [];
  const words = entrypointWords(design.entrypoint, python ?? 'python3');
  for (let start = after; start >= 0 && start < text.length;) {
    if (commandEndsWith(text, start, words)) return [];
    const end = text.indexOf('\n', start);
    start = end < 0 ? -1 : end + 1;
  }
  const last = text.trimEnd().length;
  return [atOffset(file, text, last, `the design's entrypoint is not run; write: exec -- ${shellWords(words)}`)];
}

function placeholderProblems({ file, text }: Script): Problem[] {
  return findLiteralPlaceholders(text).map((found) =>
    atOffset(
      file,
      text,
      found.offset,
      `${found.text} is a placeholder that nobody filled in; use the variables AUTOLAB_RUN_ID, AUTOLAB_RUN_DIR, AUTOLAB_ITERATION_ID`,
      'placeholder.unresolved',
    ),
  );
}

function lengthProblems({ file, text }: Script, maxLines: number | null): Problem[] {
  const count = countLines(text);
  if (maxLines === null || count <= maxLines) return [];
  return [
    at(
      file,
      maxLines + 1,
      1,
      `the script has ${String(count)} lines, and ${String(maxLines)} are allowed; move code into a file of the project, or raise the limit in .autolab/experiment_file_line_limits.yaml`,
      'script.too_long',
    ),
  ];
}

/** As editors count: a last line without LF is a line. */
export function countLines(text: string): number {
  if (text === '') return 0;
  const breaks = text.split('\n').length - 1;
  return text.endsWith('\n') ? breaks : breaks + 1;
}

/** A piece of the script in a message: in quotes, on one line, not too long. */
function shown(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}
