import { styleText } from 'node:util';
import { columnsOf, filled, fitted } from '../../../platform/terminal/width.ts';

/** A line of a screen: pieces of text, each with its style. Pure. */

export type Style = 'plain' | 'bold' | 'dim' | 'good' | 'bad' | 'warn' | 'accent' | 'inverse';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type ScreenLine = readonly Span[];

export function span(text: string, style: Style = 'plain'): Span {
  return { text, style };
}

const STYLES = {
  plain: null,
  bold: 'bold',
  dim: 'dim',
  good: 'green',
  bad: 'red',
  warn: 'yellow',
  accent: 'cyan',
  inverse: 'inverse',
} as const;

/** At most that many columns. */
export function textOfLine(line: ScreenLine, columns: number, color: boolean): string {
  let left = columns;
  let text = '';
  for (const piece of line) {
    const kept = fitted(piece.text, left);
    left -= columnsOf(kept);
    const style = STYLES[piece.style];
    text += style === null || !color || kept === '' ? kept : styleText(style, kept);
  }
  return text;
}

export function column(text: string, columns: number, style: Style = 'plain'): Span {
  return span(filled(text, columns), style);
}

/** Lines of at most that many columns, cut between words where there are blanks. */
export function wrapped(text: string, columns: number, most: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').filter((part) => part !== '')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (columnsOf(longer) <= columns || line === '') line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].filter((one) => one !== '').slice(0, most);
}
