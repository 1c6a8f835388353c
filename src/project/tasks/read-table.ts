import { shown } from '../../documents/excerpt.ts';
import { readDelimited, type TableCell } from './delimited.ts';
import type { FileNotes, TaskRows } from './task-rows.ts';
import { MOST_TASKS } from './task-spec.ts';
import { troubleWithValue, whyNoParameter } from './task-values.ts';

/** Tasks in a .csv or .tsv file: the first line has the names, each other one a task. Pure. */
export function readTable(text: string, separator: ',' | '\t', notes: FileNotes): TaskRows | null {
  // One more than may be, and the line of names.
  const { rows, fault } = readDelimited(text, separator, MOST_TASKS + 2);
  if (fault !== null) notes.add(fault.offset, 'file.syntax', fault.message);
  const [header, ...lines] = rows;
  if (header === undefined) return null;
  const names = header.cells.map((cell) => cell.text);
  checkHeader(header.cells, separator, notes);
  for (const { offset, cells } of lines) {
    if (notes.isFull) break;
    if (cells.length === names.length)
      for (const [at, cell] of cells.entries()) checkCell(cell, names[at] ?? '', notes);
    else notes.add(offset, 'value.conflict', raggedWords(cells.length, names.length));
  }
  return { names, rows: lines.map(({ offset, cells }) => ({ offset, values: cells.map((cell) => cell.text) })) };
}

function raggedWords(found: number, wanted: number): string {
  return `this line has ${found} ${found === 1 ? 'cell' : 'cells'}, and the first line names ${wanted}; put a cell that contains a separator in double quotes`;
}

function checkHeader(cells: readonly TableCell[], separator: string, notes: FileNotes): void {
  const seen = new Set<string>();
  for (const { text, offset } of cells) {
    const reason = whyNoParameter(text);
    const trimmed = text.trim();
    const advice = trimmed !== text && whyNoParameter(trimmed) === null ? ' (remove the blanks around it)' : '';
    const other = separator === ',' ? text.includes('\t') || text.includes(';') : text.includes(',');
    const hint =
      other && cells.length === 1
        ? `; a ${separator === ',' ? '.csv' : '.tsv'} file has ${separator === ',' ? 'commas' : 'tabs'} between cells`
        : '';
    if (reason !== null) notes.add(offset, 'value.invalid', `${shown(text)} ${reason}${advice}${hint}`);
    else if (seen.has(text))
      notes.add(offset, 'file.duplicate_key', `a second column ${shown(text)}; remove one of the two`);
    seen.add(text);
  }
}

function checkCell({ text, offset }: TableCell, name: string, notes: FileNotes): void {
  const trouble = troubleWithValue(text);
  if (trouble !== null) notes.add(offset, trouble.code, `${shown(name)} ${trouble.message}`);
}
