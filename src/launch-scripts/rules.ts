import type { Code } from '../errors/catalog.ts';
import type { Problem } from '../errors/problem.ts';
import type { Design } from '../project/design.ts';
import { needsFile, sourcingBlock } from './activation.ts';
import { entrypointWords, shellWords } from './entrypoint.ts';
import { findLiteralPlaceholders } from './literal-placeholders.ts';
import { commandAt, type FoundCommand } from './simple-command.ts';
import { TASKS_PROLOGUE, TASKS_PROLOGUE_BEGIN } from './tasks/prologue.ts';

/**
 * The rules for every launch script, rendered or written by hand (R16). Pure; the caller lets bash check the syntax.
 */

export interface LintOptions {
  /** null means no limit. */
  readonly maxLines: number | null;
  /** The command that the script must run; not checked if left out. */
  readonly design?: Pick<Design, 'entrypoint'> & Partial<Pick<Design, 'inputs' | 'tasks'>>;
  readonly python?: string;
  /** The activation block that the script must contain; not checked if left out. */
  readonly activation?: string;
  /** The journal format of the script's run; the present one if left out. */
  readonly format?: number;
}

export interface Script {
  readonly file: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** The differences between the kinds of scripts. */
export interface Kind {
  readonly prologue: string;
  readonly prologueBegin: string;
  /** The command that prints it. */
  readonly printIt: string;
  /** The beginning of a line that runs the entrypoint, for advice. */
  readonly starter: string;
  /** The prologue defines `autolab_run`; that of format 1 did not. */
  readonly hasWrapper: boolean;
  /** It runs many tasks. */
  readonly hasTasks: boolean;
}

/** The kind of a script for many tasks, made from that for one. */
export function kindForTasks(kind: Kind): Kind {
  const printIt = 'autolab lint-script --prologue tasks';
  return { ...kind, prologue: TASKS_PROLOGUE, prologueBegin: TASKS_PROLOGUE_BEGIN, printIt, hasTasks: true };
}

/** By the design; without one, by what the script says of itself. */
export function isForTasks(text: string, { design }: LintOptions): boolean {
  return design === undefined ? text.includes(TASKS_PROLOGUE_BEGIN) : (design.tasks ?? null) !== null;
}

/** Scripts of runs with journal format 1 keep the rules of that time. */
export function isOfFormat1({ format }: LintOptions): boolean {
  return format === 1;
}

export function readScript(text: string, file: string): Script {
  const plain = text.replaceAll('\r\n', '\n');
  return { file, text: plain, lines: plain.split('\n') };
}

/** Offset after the prologue; 0 without one, so that one mistake is not reported three times. */
export function afterPrologue({ text }: Script, { prologue }: Kind): number {
  const from = text.indexOf(prologue);
  return from < 0 ? 0 : from + prologue.length;
}

/** Every broken rule that all kinds of scripts share, in no order. `text` is the script as it is on disk. */
export function commonProblems(text: string, script: Script, kind: Kind, options: LintOptions): Problem[] {
  const after = afterPrologue(script, kind);
  return [
    ...characterProblems(script.file, text),
    ...shebangProblems(script),
    ...strictModeProblems(script),
    ...prologueProblems(script, kind),
    ...activationProblems(script, after, options.activation),
    ...entrypointProblems(script, after, kind, options),
    ...placeholderProblems(script),
    ...lengthProblems(script, options),
  ];
}

export function inOrder(problems: readonly Problem[]): Problem[] {
  return [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** The places after `after` where the script runs the design's entrypoint; null if there is none. */
export function findEntrypoint(script: Script, after: number, options: LintOptions): FoundEntrypoint | null {
  return findEntrypoints(script, after, options)[0] ?? null;
}

type FoundEntrypoint = FoundCommand & { readonly start: number };

/** Every line that runs the entrypoint: a script may do so in the branches of an `if`. */
export function findEntrypoints(
  { text }: Script,
  after: number,
  { design, python }: LintOptions,
): readonly FoundEntrypoint[] {
  if (design === undefined) return [];
  const words = entrypointWords(design.entrypoint, python ?? 'python3');
  const all: FoundEntrypoint[] = [];
  for (let start = after; start >= 0 && start < text.length;) {
    const found = commandAt(text, start, words);
    if (found !== null) all.push({ ...found, start });
    const end = text.indexOf('\n', start);
    start = end < 0 ? -1 : end + 1;
  }
  return all;
}

export function at(
  file: string,
  line: number,
  column: number,
  message: string,
  code: Code = 'script.invalid',
): Problem {
  return { file, line, column, pointer: null, code, severity: 'error', message };
}

export function atOffset(file: string, text: string, offset: number, message: string, code?: Code): Problem {
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

/** Index of the first line that runs a command; the number of lines if none does. */
export function firstCommand(lines: readonly string[]): number {
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
  const advice = later < 0 ? 'write it before this line' : `move it here from line ${later + 1}`;
  return [at(file, first + 1, 1, `the first command must be \`set -euo pipefail\`, but is ${shown(line)}; ${advice}`)];
}

/** A wrong `set` was reported already. */
const SETS_OPTIONS = /^set -[A-Za-z]+(?: pipefail)?\s*(?:#.*)?$/;
function prologueProblems({ file, text, lines }: Script, kind: Kind): Problem[] {
  const { prologue, prologueBegin, printIt } = kind;
  const first = firstCommand(lines);
  const begin = lines.indexOf(prologueBegin);
  if (begin < 0) {
    const other = lines.findIndex((line) => line.startsWith('# autolab prologue '));
    const where = Math.min(first + 1, lines.length - 1);
    return other < 0
      ? [
          at(
            file,
            where + 1,
            1,
            `the prologue is missing; put it right after \`set -euo pipefail\` (\`${printIt}\` prints it)`,
          ),
        ]
      : [
          at(
            file,
            other + 1,
            1,
            `${shown(lines[other] ?? '')} ${wordsOfOther(lines[other] ?? '', kind)}; replace it (\`${printIt}\` prints it), and start the entrypoint with \`autolab_run\``,
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
            `${shown(lines[early] ?? '')} runs before the prologue; move it after the end of the prologue`,
          ),
        ];
  if (`\n${text}`.includes(`\n${prologue}`)) return problems;
  const expected = prologue.split('\n').slice(0, -1);
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
      `the prologue was changed: write ${shown(expected[different] ?? '')} instead of ${found} (\`${printIt}\` prints it)`,
    ),
  ];
}

function wordsOfOther(line: string, { hasTasks }: Kind): string {
  if (hasTasks) return 'begins the prologue of a script for one task, and the design has `tasks`';
  if (line === TASKS_PROLOGUE_BEGIN) return 'begins the prologue of a script for many tasks, and the design has none';
  return 'begins another version of the prologue';
}

function activationProblems({ file, text }: Script, after: number, activation: string | undefined): Problem[] {
  if (activation === undefined || activation.split('\n').every(isPassive)) return [];
  const block = activation.endsWith('\n') ? activation : `${activation}\n`;
  const rest = `\n${text.slice(after)}`;
  if (rest.includes(`\n${block}`) || rest.includes(`\n${sourcingBlock(activation)}`)) return [];
  const elsewhere = `\n${text}`.includes(`\n${block}`);
  const what = elsewhere
    ? 'the runtime environment is activated before the prologue; move it after the prologue'
    : 'the runtime environment is not activated as docs/environment.md says; after the prologue, write its block word for word';
  return [atOffset(file, text, after, `${what}, beginning with: ${shown(firstRunning(activation))}`)];
}

function firstRunning(block: string): string {
  return block.split('\n').find((line) => !isPassive(line)) ?? '';
}

function entrypointProblems(script: Script, after: number, kind: Kind, options: LintOptions): Problem[] {
  const { design, python } = options;
  if (design === undefined) return [];
  const words = `${kind.starter}${shellWords(entrypointWords(design.entrypoint, python ?? 'python3'))}`;
  const found = findEntrypoints(script, after, options);
  if (found.length === 0) {
    const last = script.text.trimEnd().length;
    return [atOffset(script.file, script.text, last, `the design's entrypoint is not run; write: ${words}`)];
  }
  if (!kind.hasWrapper) return [];
  const message = `the entrypoint is not started with \`autolab_run\`, which records the start; write: ${words}`;
  return found.filter((one) => !isWrapped(one)).map(({ start }) => atOffset(script.file, script.text, start, message));
}

/** Shell keywords that the shell allows before a function. */
const BEFORE_A_FUNCTION = ['time', 'if', 'then', 'else', '!', '{'];

/** `autolab_run` is a shell function: only assignments and shell keywords may precede it. */
function isWrapped({ before }: FoundCommand): boolean {
  return before.find((word) => !BEFORE_A_FUNCTION.includes(word ?? '') && !/^\w+=/.test(word ?? '')) === 'autolab_run';
}

export function placeholderProblems({ file, text }: Pick<Script, 'file' | 'text'>): Problem[] {
  return findLiteralPlaceholders(text).map((found) =>
    atOffset(
      file,
      text,
      found.offset,
      `${found.text} was not filled in; use the variables AUTOLAB_RUN_ID, AUTOLAB_RUN_DIR, AUTOLAB_ITERATION_ID`,
      'placeholder.unresolved',
    ),
  );
}

function lengthProblems({ file, text }: Script, { maxLines, activation = '' }: LintOptions): Problem[] {
  const count = countLines(text);
  if (maxLines === null || count <= maxLines) return [];
  const own = countLines(activation);
  const isCause = needsFile(activation) && text.includes(activation) && count - own <= maxLines;
  const advice = isCause
    ? `${own} of them are the activation of docs/environment.md: shorten it, or delete the script, and autolab writes one with the activation in a file of its own`
    : 'move code into a file of the project, or raise the limit in .autolab/experiment_file_line_limits.yaml';
  const message = `the script has ${count} lines, and ${maxLines} are allowed; ${advice}`;
  return [at(file, maxLines + 1, 1, message, 'script.too_long')];
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
