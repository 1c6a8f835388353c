import { bytesText, numberText, secondsText } from '../../platform/units.ts';
import type { CsvCell } from './csv.ts';
import { visible } from './visible.ts';

/** Rows as a table of named columns: for a terminal, and for a spreadsheet. Pure. */

export interface TableColumn<Row> {
  readonly head: string;
  readonly cell: (row: Row) => CsvCell;
  /** Of its numbers. */
  readonly unit?: keyof typeof SHOWN;
}

export interface RowTable<Row> {
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
}

const MOST_OF_A_CELL = 40;
const SHOWN = { seconds: secondsText, bytes: bytesText } as const;

/** For a terminal: short. */
export function tableCells<Row>({ columns, rows }: RowTable<Row>): readonly (readonly string[])[] {
  return rows.map((row) => columns.map((column) => shownCell(column, column.cell(row))));
}

/**
 * Without the columns that a line of `width` has no room for: the `spared` go first, then those from the right, but not
 * the `kept`. `left`: their names.
 */
export function fittingTable<Row>(
  table: RowTable<Row>,
  width: number,
  { spared, kept = [] }: { readonly spared: readonly string[]; readonly kept?: readonly string[] },
): { readonly table: RowTable<Row>; readonly left: readonly string[] } {
  if (width === Infinity) return { table, left: [] };
  const left: string[] = [];
  let { columns } = table;
  const widths = new Map(columns.map((column) => [column, widthOf(table.rows, column)]));
  const total = (): number => columns.reduce((sum, column) => sum + (widths.get(column) ?? 0) + 2, -2);
  while (columns.length > 2 && total() > width) {
    const first = spared.find((name) => columns.some(({ head }) => head === name));
    const goes = columns.findLast(({ head }) => (first === undefined ? !kept.includes(head) : head === first));
    if (goes === undefined) break;
    left.push(goes.head);
    columns = columns.filter((column) => column !== goes);
  }
  return { table: { ...table, columns }, left };
}

function widthOf<Row>(rows: readonly Row[], column: TableColumn<Row>): number {
  const widthIn = (row: Row): number => visible(shownCell(column, column.cell(row))).length;
  return rows.reduce((most, row) => Math.max(most, widthIn(row)), visible(column.head).length);
}

function shownCell({ head, unit }: Pick<TableColumn<unknown>, 'head' | 'unit'>, cell: CsvCell): string {
  if (cell === null) return '-';
  if (head === 'started') return String(cell).slice(0, 16).replace('T', ' ');
  if (head === 'commit') return String(cell).slice(0, 8);
  if (typeof cell === 'number') return (unit === undefined ? numberText : SHOWN[unit])(cell);
  const text = visible(cell);
  return text.length > MOST_OF_A_CELL ? `${text.slice(0, MOST_OF_A_CELL - 1)}…` : text;
}

/** For a spreadsheet: every value as it is, under names that `--where` and `--sort` take. */
export function csvCells<Row>({ columns, rows }: RowTable<Row>): readonly (readonly CsvCell[])[] {
  const heads = columns.map(({ head, unit }) => (unit === undefined ? head : `${head}_${unit}`));
  return [heads, ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
}
