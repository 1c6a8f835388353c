import { type Cell, Line, passedThrough, textOf } from './line.ts';
import { type Style, styled, UNSTYLED } from './style.ts';

/**
 * What programs print, as a terminal would show it, and nothing that could do harm there: `\r` and backspace rewrite
 * the line, colours stay, and every other escape sequence, control character and direction mark has no effect. Pure:
 * a state, and what comes out of it with the next text.
 */
export interface TerminalState {
  /** What the next character belongs to. A `string` is a title, the clipboard, an image and the like. */
  readonly mode: 'text' | 'escape' | 'intermediate' | 'csi' | 'string' | 'string escape';
  /** Of the CSI sequence that is being read. */
  readonly parameters: string;
  /** The line that has no end yet. */
  readonly cells: readonly Cell[];
  readonly column: number;
  readonly style: Style;
}

export interface TerminalStep {
  readonly state: TerminalState;
  /** The lines that are complete. */
  readonly text: string;
}

export const FRESH: TerminalState = { mode: 'text', parameters: '', cells: [], column: 0, style: UNSTYLED };

/** Longer sequences are none that anyone means. */
const MOST_PARAMETERS = 64;

// Everything but controls and direction marks; with the ends of lines.
const HARMLESS = /[^\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]*/y;
const HARMFUL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;

/** Of the line, one cell each: no marks, and nothing that takes two code units. Common ones: the others come one by one. */
const LETTERS = /[\t -~\u00A0-\u02FF\u2100-\u2BFF\u4E00-\u9FFF]+/y;
/** What has no effect at all outside of a sequence. A log with a hole in it has millions of NUL. */
const NOTHING = /[\u0000-\u0007\u000B\u000C\u000E-\u001A\u001C-\u001F\u007F]+|\r+/y;
/** What leaves the mode as it is. */
const WITHIN = {
  string: /[^\n\u0007\u0018\u001A\u001B\u009C]+/y,
  csi: /[ -?]+/y,
  intermediate: /[ -/]+/y,
} as const;

/** `color`: keep colours. The same lines come out however the text is cut, as long as no character is. */
export function nextText(state: TerminalState, text: string, color: boolean): TerminalStep {
  const reader = new Reader(state, color);
  for (let at = 0; at < text.length;) {
    const plain = reader.isFresh ? harmlessLines(text, at) : '';
    if (plain !== '') {
      reader.pass(plain);
      at += plain.length;
      continue;
    }
    const span = reader.spanAt(text, at);
    if (span !== '') {
      reader.readSpan(span);
      at += span.length;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    reader.read(character);
    at += character.length;
  }
  return reader.end();
}

/** The line that has no end yet, as it would be seen now; at most that many of its characters. */
export function unfinished({ cells }: TerminalState, color: boolean, most = Infinity): string {
  return textOf(cells.length > most ? cells.slice(0, most) : cells, color);
}

/** A whole text at once. */
export function shownOnTerminal(text: string, color: boolean): string {
  const { state, text: lines } = nextText(FRESH, text, color);
  return lines + unfinished(state, color);
}

/** The lines from there on that can be shown as they are: most of most logs. */
function harmlessLines(text: string, from: number): string {
  const match = matchAt(HARMLESS, text, from);
  return match.slice(0, match.lastIndexOf('\n') + 1);
}

function matchAt(expression: RegExp, text: string, from: number): string {
  expression.lastIndex = from;
  return expression.exec(text)?.[0] ?? '';
}

function isLetter(character: string): boolean {
  return character >= ' ' && character <= '~';
}

class Reader {
  private mode: TerminalState['mode'];
  private parameters: string;
  private style: Style;
  private readonly line: Line;
  private readonly color: boolean;
  private out = '';

  constructor(state: TerminalState, color: boolean) {
    ({ mode: this.mode, parameters: this.parameters, style: this.style } = state);
    this.line = new Line(state.cells, state.column);
    this.color = color;
  }

  /** Nothing that came before changes how the next line looks. */
  get isFresh(): boolean {
    return this.mode === 'text' && this.style.code === '' && this.line.isFresh;
  }

  pass(lines: string): void {
    this.out += lines;
  }

  end(): TerminalStep {
    const { mode, parameters, style, line, out } = this;
    return { state: { mode, parameters, style, cells: line.content, column: line.column }, text: out };
  }

  /** What from there on has one effect, or can be read at once: a log need not have lines. */
  spanAt(text: string, from: number): string {
    const { mode } = this;
    if (mode === 'text') return matchAt(LETTERS, text, from) || matchAt(NOTHING, text, from);
    return mode === 'escape' || mode === 'string escape' ? '' : matchAt(WITHIN[mode], text, from);
  }

  readSpan(span: string): void {
    if (this.mode === 'csi') this.parameters += span.slice(0, MOST_PARAMETERS + 1 - this.parameters.length);
    else if (this.mode !== 'text') return;
    else if (span.startsWith('\r')) this.line.moveTo(0);
    else if ((span >= ' ' && !span.startsWith('\u007F')) || span.startsWith('\t')) this.write(span);
  }

  private write(letters: string): void {
    for (let at = 0; at < letters.length;) {
      const through = this.isFresh ? passedThrough(letters.length - at) : 0;
      if (through > 0) this.pass(letters.slice(at, at + through));
      at += through;
      const written = letters.slice(at, at + this.line.room);
      this.out += textOf(this.line.write(written, this.style), this.color);
      at += written.length;
    }
  }

  read(character: string): void {
    // They end whatever is being read; a line that follows a sequence without an end is not lost.
    if (character === '\n' || character === '\u0018' || character === '\u001A') {
      this.mode = 'text';
      if (character === '\n') this.out += `${textOf(this.line.take(), this.color)}\n`;
    } else if (character === '\u001B') this.mode = this.mode === 'string' ? 'string escape' : 'escape';
    else if (this.mode === 'text') this.show(character);
    else if (this.mode === 'csi') this.inSequence(character);
    else if (this.mode === 'string') this.inString(character);
    else if (this.mode === 'string escape' && character === '\\') this.mode = 'text';
    else if (character < ' ') this.show(character);
    else if (this.mode === 'intermediate') this.mode = character <= '/' ? 'intermediate' : 'text';
    else this.afterEscape(character);
  }

  private show(character: string): void {
    if (character === '\r') this.line.moveTo(0);
    else if (character === '\b') this.line.moveTo(this.line.column - 1);
    else if (character >= '\u0080' && character <= '\u009F') this.afterEscape(asSevenBits(character));
    else if (isLetter(character) || character === '\t' || !HARMFUL.test(character))
      this.out += textOf(this.line.put(character, this.style), this.color);
  }

  private afterEscape(character: string): void {
    if (character === '[') {
      this.mode = 'csi';
      this.parameters = '';
    } else if (']PX^_'.includes(character)) this.mode = 'string';
    else if (character >= ' ' && character <= '/') this.mode = 'intermediate';
    else this.mode = 'text';
  }

  private inSequence(character: string): void {
    // Controls within a sequence have their own effect.
    if (character < ' ') this.show(character);
    else if (character >= '@' && character <= '~') {
      this.mode = 'text';
      this.obey(character);
    } else if (character > '~') this.mode = 'text';
    else if (this.parameters.length <= MOST_PARAMETERS) this.parameters += character;
  }

  private inString(character: string): void {
    if (character === '\u0007' || character === '\u009C') this.mode = 'text';
  }

  /** Only what stays within the line. */
  private obey(final: string): void {
    if (this.parameters.length > MOST_PARAMETERS || !/^[\d;:]*$/.test(this.parameters)) return;
    const number = Number.parseInt(this.parameters, 10) || 0;
    const { line } = this;
    if (final === 'm') this.style = styled(this.style, this.parameters);
    else if (final === 'C') line.moveTo(line.column + Math.max(1, number));
    else if (final === 'D') line.moveTo(line.column - Math.max(1, number));
    else if (final === 'G') line.moveTo(number - 1);
    else if (final === 'K' && number === 1) line.eraseLeft();
    else if (final === 'K' && number === 2) line.erase();
    else if ((final === 'K' || final === 'J') && number === 0) line.eraseRight();
  }
}

/** Control characters of eight bits are short for an escape and a letter. */
function asSevenBits(character: string): string {
  return String.fromCodePoint((character.codePointAt(0) ?? 0) - 0x40);
}
