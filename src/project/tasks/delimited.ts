import { shown } from '../../documents/excerpt.ts';

/** Text in columns (RFC 4180), separated by commas or tabs, with the place of every cell. Pure. */

export interface TableCell {
  readonly text: string;
  /** Where it begins, with its quote. */
  readonly offset: number;
}

export interface DelimitedRow {
  readonly offset: number;
  readonly cells: readonly TableCell[];
}

export interface Delimited {
  /** Without empty lines. */
  readonly rows: readonly DelimitedRow[];
  /** What is not well-formed; the rows before it are there. */
  readonly fault: { readonly offset: number; readonly message: string } | null;
}

/** Lines end in LF or CR LF; a cell in double quotes has everything, and `""` for a quote. `most`: of rows. */
export function readDelimited(text: string, separator: ',' | '\t', most: number): Delimited {
  const rows: DelimitedRow[] = [];
  for (let offset = 0; offset < text.length && rows.length < most;) {
    const line = readRow(text, offset, separator);
    if ('message' in line) return { rows, fault: line };
    const isEmpty = line.cells.length === 1 && line.cells[0]?.text === '' && text[offset] !== '"';
    if (!isEmpty) rows.push({ offset, cells: line.cells });
    offset = line.next;
  }
  return { rows, fault: null };
}

interface Fault {
  readonly offset: number;
  readonly message: string;
}

function readRow(
  text: string,
  start: number,
  separator: string,
): { readonly cells: readonly TableCell[]; readonly next: number } | Fault {
  const cells: TableCell[] = [];
  for (let offset = start; ;) {
    const cell = text[offset] === '"' ? readQuoted(text, offset, separator) : readPlain(text, offset, separator);
    if ('message' in cell) return cell;
    cells.push({ text: cell.text, offset });
    if (text[cell.end] !== separator) return { cells, next: cell.end + lineEndAt(text, cell.end) };
    offset = cell.end + 1;
  }
}

type Read = { readonly text: string; readonly end: number } | Fault;

function readPlain(text: string, start: number, separator: string): Read {
  let end = start;
  while (end < text.length && text[end] !== separator && lineEndAt(text, end) === 0) {
    if (text[end] === '"')
      return {
        offset: end,
        message: `a quote within a cell that does not begin with one: put the whole cell in double quotes, and write \`""\` for each quote in it`,
      };
    end += 1;
  }
  return { text: text.slice(start, end), end };
}

function readQuoted(text: string, start: number, separator: string): Read {
  let close = text.indexOf('"', start + 1);
  while (close >= 0 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close < 0) return { offset: start, message: 'this quote is never closed' };
  const end = close + 1;
  if (end < text.length && text[end] !== separator && lineEndAt(text, end) === 0) {
    const rest = shown(text.slice(end, end + 20).split('\n')[0] ?? '');
    return { offset: end, message: `${rest} stands after the closing quote; write \`""\` for a quote within a cell` };
  }
  return { text: text.slice(start + 1, close).replaceAll('""', '"'), end };
}

/** The length of the line end there; 0 if the line goes on. */
function lineEndAt(text: string, offset: number): number {
  if (text[offset] === '\n') return 1;
  return text[offset] === '\r' && text[offset + 1] === '\n' ? 2 : 0;
}
