import { cutText } from './markup.ts';

/** The beginning of a table of text. Pure. */

const MOST_ROWS = 12;
const MOST_COLUMNS = 10;
const LONGEST_CELL = 60;

export interface CsvRows {
  readonly rows: readonly (readonly string[])[];
  /** Further lines. */
  readonly left: number;
}

/** RFC 4180, and what programs make of it. */
export function csvRows(text: string, separator: ',' | '\t'): CsvRows {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  const source = text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  let at = 0;
  for (; at < source.length && rows.length < MOST_ROWS; at += 1) {
    const character = source[at] ?? '';
    if (quoted) {
      if (character !== '"') cell += character;
      else if (source[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"' && cell === '') quoted = true;
    else if (character === separator || character === '\n') {
      row.push(cell);
      cell = '';
      if (character === '\n') {
        rows.push(row);
        row = [];
      }
    } else cell += character;
  }
  if (rows.length < MOST_ROWS && (cell !== '' || row.length > 0)) rows.push([...row, cell]);
  const left = source
    .slice(at)
    .split('\n')
    .filter((line) => line !== '').length;
  return { rows: rows.map((cells) => cells.slice(0, MOST_COLUMNS).map((one) => cutText(one, LONGEST_CELL))), left };
}
