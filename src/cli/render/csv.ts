/** Comma-separated values (RFC 4180), which a spreadsheet may open. Pure. */

export type CsvCell = string | number | null;

export function csv(rows: readonly (readonly CsvCell[])[]): string {
  return rows.map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
/** What spreadsheets take for a formula (OWASP, "CSV Injection"); some forgive blanks before it, and wide forms of the signs. */
const FORMULA = /^(?:\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r\n])/;

/** Numbers stay numbers; other text that would be a formula gets a quote, which makes it text. */
function cellText(cell: CsvCell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = !NUMBER.test(cell) && FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
