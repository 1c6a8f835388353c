import type { RunRow } from '../../index.ts';
import { numberText, secondsText } from '../../platform/units.ts';
import type { CsvCell } from './csv.ts';
import { visible } from './visible.ts';

/** The list of runs as a table: what all of its rows share, or none has, is left out. Pure. */

interface TableColumn {
  readonly head: string;
  readonly cell: (row: RunRow) => CsvCell;
}

export interface RunsTable {
  readonly columns: readonly TableColumn[];
  readonly rows: readonly RunRow[];
}

/** `differing`: names of arguments. */
export function runsTable(rows: readonly RunRow[], differing: readonly string[], all: boolean): RunsTable {
  const several = (cell: TableColumn['cell']): boolean => new Set(rows.map(cell)).size > 1;
  const some = (cell: TableColumn['cell']): boolean => rows.some((row) => cell(row) !== null);
  const given: readonly (TableColumn & { readonly shown?: boolean })[] = [
    { head: 'run', cell: (row) => row.run_id },
    { head: 'iteration', cell: (row) => row.iteration_id, shown: all },
    { head: 'tree', cell: (row) => row.tree, shown: several((row) => row.tree) },
    { head: 'started', cell: (row) => row.started_at },
    { head: 'mode', cell: (row) => row.mode },
    { head: 'job', cell: (row) => row.job_id, shown: some((row) => row.job_id) },
    { head: 'outcome', cell: (row) => row.code ?? row.outcome ?? row.status },
    { head: 'queued', cell: (row) => row.queued_seconds, shown: some((row) => row.queued_seconds) },
    { head: 'running', cell: (row) => row.running_seconds },
    ...metricColumns(rows),
    ...differing.map((name) => ({ head: name, cell: (row: RunRow) => argumentOf(row, name) })),
    { head: 'commit', cell: (row) => row.commit, shown: some((row) => row.commit) },
  ];
  return { columns: given.filter(({ shown = true }) => shown), rows };
}

function argumentOf(row: RunRow, name: string): string | null {
  return Object.hasOwn(row.arguments, name) ? (row.arguments[name] ?? null) : null;
}

/** The primary metric under its name; under `metric` if the runs have different ones. */
function metricColumns(rows: readonly RunRow[]): readonly TableColumn[] {
  const names = [...new Set(rows.flatMap(({ metric }) => (metric === null ? [] : [metric.name])))];
  const [name] = names;
  if (name === undefined) return [];
  const value = { cell: (row: RunRow) => row.metric?.value ?? null };
  const columns =
    names.length === 1
      ? [{ head: name, ...value }]
      : [
          { head: 'metric', cell: (row: RunRow) => row.metric?.name ?? null },
          { head: 'value', ...value },
        ];
  const delta = { head: 'delta', cell: (row: RunRow) => row.metric?.delta ?? null };
  return rows.some(({ metric }) => metric !== null && metric.delta !== null) ? [...columns, delta] : columns;
}

const MOST_OF_A_CELL = 40;

/** For a terminal: short. */
export function tableCells({ columns, rows }: RunsTable): readonly (readonly string[])[] {
  return rows.map((row) => columns.map(({ head, cell }) => shownCell(head, cell(row))));
}

/** The first to go if a terminal is too narrow: the run's id has the time, too. */
const SPARED = ['started', 'commit', 'mode', 'job', 'queued', 'delta'];

/** Without the columns that a line of `width` has no room for; the last arguments go last. `left`: their names. */
export function fittingRuns(
  table: RunsTable,
  width: number,
): { readonly table: RunsTable; readonly left: readonly string[] } {
  const left: string[] = [];
  let { columns } = table;
  while (columns.length > 2 && widthOf({ ...table, columns }) > width) {
    const heads = columns.map(({ head }) => head);
    const goes = SPARED.find((head) => heads.includes(head)) ?? heads.at(-1);
    left.push(goes ?? '');
    columns = columns.filter(({ head }) => head !== goes);
  }
  return { table: { ...table, columns }, left };
}

function widthOf(table: RunsTable): number {
  const lines = [table.columns.map(({ head }) => head), ...tableCells(table)];
  const widths = table.columns.map((_, index) => Math.max(...lines.map((line) => visible(line[index] ?? '').length)));
  return widths.reduce((sum, one) => sum + one + 2, -2);
}

function shownCell(head: string, cell: CsvCell): string {
  if (cell === null) return '-';
  if (head === 'started') return String(cell).slice(0, 16).replace('T', ' ');
  if (head === 'commit') return String(cell).slice(0, 8);
  if (typeof cell === 'number') return ['queued', 'running'].includes(head) ? secondsText(cell) : numberText(cell);
  const text = visible(cell);
  return text.length > MOST_OF_A_CELL ? `${text.slice(0, MOST_OF_A_CELL - 1)}…` : text;
}

/** For a spreadsheet: every value as it is, under names that `--where` takes. */
export function csvCells({ columns, rows }: RunsTable): readonly (readonly CsvCell[])[] {
  const heads = columns.map(({ head }) => (['queued', 'running'].includes(head) ? `${head}_seconds` : head));
  return [heads, ...rows.map((row) => columns.map(({ cell }) => cell(row)))];
}
