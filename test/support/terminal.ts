import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { columnsOf } from '../../src/platform/terminal/width.ts';
import { cleanEnvironment, PROGRAM, type RunOptions } from './autolab.ts';

/** A call of the program on a terminal of its own, by script(1) of util-linux, and what its user sees. */
export interface TerminalCall {
  readonly child: ChildProcess;
  /** Everything that was written there. */
  readonly text: () => string;
  readonly screen: () => Screen;
  readonly type: (keys: string) => void;
  /** Of autolab itself. */
  readonly pid: () => number;
  readonly status: Promise<number | null>;
}

export interface TerminalOptions {
  readonly env?: RunOptions['env'];
  readonly rows?: number;
  readonly columns?: number;
  /** A shell command around the call, in which `"$@"` is the call. */
  readonly around?: string;
}

export function onTerminal(root: string, words: readonly string[], options: TerminalOptions = {}): TerminalCall {
  const { rows = 24, columns = 80, env = {}, around = 'exec "$@"' } = options;
  const argv = [process.execPath, PROGRAM, ...words].map((word) => `'${word}'`).join(' ');
  const command = `stty rows ${rows} cols ${columns}; set -- ${argv}; ${around}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: root,
    // Node takes a terminal under CI for one without colours.
    env: { ...cleanEnvironment({ SHELL: '/bin/bash', TERM: 'xterm', LC_ALL: 'C.UTF-8', CI: undefined, ...env }) },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const status = new Promise<number | null>((resolve) => {
    child.on('close', resolve);
  });
  return {
    child,
    text: () => text,
    screen: () => screenOf(text, rows),
    type: (keys) => child.stdin.write(keys),
    pid: () => Number(readFileSync(`/proc/${String(child.pid)}/task/${String(child.pid)}/children`, 'utf8')),
    status,
  };
}

export interface Screen {
  /** Without the blanks at their ends. */
  readonly lines: readonly string[];
  readonly isAlternate: boolean;
  readonly hasCursor: boolean;
  /** Control sequences that a view has no business to send. */
  readonly strange: readonly string[];
}

const PIECE = /\u001B\[([?>]?[\d;]*)([A-Za-z])|[^]/gu;

/** Knows what full views send; lines that are longer than the screen is wide stay as they are. */
function screenOf(text: string, rows: number): Screen {
  const blank = (): string[][] => Array.from({ length: rows }, () => []);
  let lines = blank();
  let [row, column, isAlternate, hasCursor] = [0, 0, false, true];
  const strange: string[] = [];
  const obey = (parameters: string, final: string): void => {
    const [first = 1, second = 1] = parameters.split(';').map((one) => Number(one) || 1);
    if (final === 'H') [row, column] = [first - 1, second - 1];
    else if (final === 'K') lines[row]?.splice(column);
    else if (final === 'J') lines = blank();
    else if (parameters === '?1049') {
      isAlternate = final === 'h';
      lines = blank();
      [row, column] = [0, 0];
    } else if (parameters === '?25') hasCursor = final === 'h';
    else if (final !== 'm' && parameters !== '?7') strange.push(parameters + final);
  };
  for (const [piece, parameters = '', final] of text.matchAll(PIECE)) {
    if (final !== undefined) obey(parameters, final);
    else if (piece === '\n') {
      if (row === rows - 1) lines = [...lines.slice(1), []];
      else row += 1;
    } else if (piece === '\r') column = 0;
    else if (piece < ' ') strange.push(piece);
    else {
      const line = lines[row] ?? [];
      while (line.length < column) line.push(' ');
      line[column] = piece;
      column += 1;
      for (const end = column + columnsOf(piece) - 1; column < end; column += 1) line[column] = '';
    }
  }
  return { lines: lines.map((line) => line.join('').trimEnd()), isAlternate, hasCursor, strange };
}
