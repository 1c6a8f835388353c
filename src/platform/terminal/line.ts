import { type Style, UNSTYLED } from './style.ts';

/** The line of a terminal that has the cursor. */

export interface Cell {
  readonly text: string;
  readonly style: Style;
}

/** Where a line without an end is passed on, so that memory stays bounded. */
const MOST_CELLS = 16_384;
/** How far over the end of a line the cursor may be sent: a few bytes must not become a long line. */
const MOST_GAP = 512;
/** Of one cell: a letter and its marks. */
const MOST_MARKS = 16;
const MARK = /^[\p{M}\u200D]$/u;
/** Asking the regular expression takes long. */
const mayBeMark = (text: string): boolean => text >= '\u0300';
const BLANK: Cell = { text: ' ', style: UNSTYLED };

export class Line {
  private cells: Cell[];
  column: number;

  constructor(cells: readonly Cell[], column: number) {
    this.cells = [...cells];
    this.column = column;
  }

  get isFresh(): boolean {
    return this.cells.length === 0 && this.column === 0;
  }

  get content(): readonly Cell[] {
    return this.cells;
  }

  /** Writes a character at the cursor. Returns the cells of a line that has become too long; none otherwise. */
  put(text: string, style: Style): readonly Cell[] {
    const before = this.cells[this.column - 1];
    if (before !== undefined && before.text.length < MOST_MARKS && mayBeMark(text) && MARK.test(text)) {
      this.cells[this.column - 1] = { ...before, text: before.text + text };
      return [];
    }
    const full = this.column >= MOST_CELLS ? this.take() : [];
    while (this.cells.length < this.column) this.cells.push(BLANK);
    this.cells[this.column] = { text, style };
    this.column += 1;
    return full;
  }

  /** How many characters can be written at once: at least one. */
  get room(): number {
    return this.column >= MOST_CELLS ? MOST_CELLS : MOST_CELLS - this.column;
  }

  /** As put, for as many characters as there is room for: each takes a cell, and is no mark. */
  write(letters: string, style: Style): readonly Cell[] {
    const full = this.column >= MOST_CELLS ? this.take() : [];
    while (this.cells.length < this.column) this.cells.push(BLANK);
    for (const text of letters) {
      this.cells[this.column] = { text, style };
      this.column += 1;
    }
    return full;
  }

  /** The cells; the line is fresh afterwards. */
  take(): readonly Cell[] {
    const { cells } = this;
    this.cells = [];
    this.column = 0;
    return cells;
  }

  moveTo(column: number): void {
    this.column = Math.max(0, Math.min(column, Math.max(this.cells.length, MOST_GAP)));
  }

  eraseRight(): void {
    this.cells.length = Math.min(this.cells.length, this.column);
  }

  eraseLeft(): void {
    const end = Math.min(this.cells.length, this.column + 1);
    for (let at = 0; at < end; at += 1) this.cells[at] = BLANK;
  }

  erase(): void {
    this.cells = [];
  }
}

/** How many of that many characters a fresh line without an end passes on. */
export function passedThrough(characters: number): number {
  return characters <= MOST_CELLS ? 0 : Math.floor((characters - 1) / MOST_CELLS) * MOST_CELLS;
}

/** As text, with its colours or without. No style outlives it. */
export function textOf(cells: readonly Cell[], color: boolean): string {
  let text = '';
  let code = '';
  for (const cell of cells) {
    if (color && cell.style.code !== code) {
      if (code !== '') text += '\u001b[0m';
      ({ code } = cell.style);
      if (code !== '') text += `\u001b[${code}m`;
    }
    text += cell.text;
  }
  return code === '' ? text : `${text}\u001b[0m`;
}
