import { TextDecoder } from 'node:util';
import type { LogChunk } from '../../index.ts';
import { FRESH, nextText, type TerminalState, unfinished } from '../../platform/terminal/text.ts';

/**
 * What is printed of the logs. As they are (`raw`), or as a terminal would show them: without colours (`plain`), or
 * with them (`color`).
 */
export interface LogLook {
  readonly as: 'raw' | 'plain' | 'color';
  /** The name of the log before its lines, as `tail` does with several files. */
  readonly withHeads: boolean;
  /** Columns of the terminal, if a line that is not complete is shown as it grows; null if not. */
  readonly live: (() => number) | null;
}

interface Shown {
  readonly decoder: TextDecoder;
  state: TerminalState;
  /** What the terminal has of the unfinished line. */
  drawn: string;
}

export class LogPrinter {
  private readonly look: LogLook;
  private readonly logs = new Map<string, Shown>();
  private last: string | null = null;

  constructor(look: LogLook) {
    this.look = look;
  }

  /** What to print for a piece of a log. */
  take({ file, bytes, caughtUp }: LogChunk): readonly (string | Uint8Array)[] {
    const head = this.head(file);
    if (this.look.as === 'raw') return head === '' ? [bytes] : [head, bytes];
    const log = this.logOf(file);
    const step = nextText(log.state, log.decoder.decode(bytes, { stream: true }), this.look.as === 'color');
    log.state = step.state;
    const columns = this.look.live?.() ?? null;
    const line = columns !== null && caughtUp ? this.unfinishedOf(log, columns - 1) : null;
    return [head + draw(log, step.text, line)];
  }

  /** The rest: a line without an end. */
  end(): string {
    return this.last === null || this.look.as === 'raw' ? '' : this.leave(this.last);
  }

  private head(file: string): string {
    const { last } = this;
    if (last === file) return '';
    this.last = file;
    const left = last === null || this.look.as === 'raw' ? '' : this.leave(last);
    if (!this.look.withHeads) return left;
    return `${left}${last === null ? '' : '\n'}==> ${file} <==\n`;
  }

  private leave(file: string): string {
    const log = this.logOf(file);
    const rest = draw(log, '', this.unfinishedOf(log));
    log.drawn = '';
    return rest;
  }

  private unfinishedOf(log: Shown, most?: number): string {
    return unfinished(log.state, this.look.as === 'color', most);
  }

  private logOf(file: string): Shown {
    const known = this.logs.get(file);
    if (known !== undefined) return known;
    const log: Shown = { decoder: new TextDecoder('utf-8', { ignoreBOM: true }), state: FRESH, drawn: '' };
    this.logs.set(file, log);
    return log;
  }
}

/**
 * The complete lines and the unfinished one, over what is on the screen of it. `line` is null if the unfinished one need
 * not be shown yet.
 */
function draw(log: Shown, lines: string, line: string | null): string {
  const { drawn } = log;
  if (lines === '' && line === null) return '';
  const text = lines + (line ?? '');
  log.drawn = line ?? '';
  if (text.startsWith(drawn)) return text.slice(drawn.length);
  const end = text.includes('\n') ? text.indexOf('\n') : text.length;
  const blanks = ' '.repeat(Math.max(0, widthOf(drawn) - widthOf(text.slice(0, end))));
  if (end === text.length) log.drawn += blanks;
  return `\r${text.slice(0, end)}${blanks}${text.slice(end)}`;
}

/** In characters. */
function widthOf(text: string): number {
  return Array.from(text.replaceAll(/\u001b\[[\d;:]*m/g, '')).length;
}
