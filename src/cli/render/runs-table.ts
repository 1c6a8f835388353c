import type { RunRow } from '../../index.ts';
import { fittingTable, type RowTable, type TableColumn } from './columns.ts';

/** The list of runs as a table: what all of its rows share, or none has, is left out. Pure. */

type RunsTable = RowTable<RunRow>;
type Column = TableColumn<RunRow>;

/** `differing`: names of arguments. */
export function runsTable(rows: readonly RunRow[], differing: readonly string[], all: boolean): RunsTable {
  const several = (cell: Column['cell']): boolean => new Set(rows.map(cell)).size > 1;
  const some = (cell: Column['cell']): boolean => rows.some((row) => cell(row) !== null);
  const given: readonly (Column & { readonly shown?: boolean })[] = [
    { head: 'run', cell: (row) => row.run_id },
    { head: 'iteration', cell: (row) => row.iteration_id, shown: all },
    { head: 'tree', cell: (row) => row.tree, shown: several((row) => row.tree) },
    { head: 'started', cell: (row) => row.started_at },
    { head: 'mode', cell: (row) => row.mode },
    { head: 'job', cell: (row) => row.job_id, shown: some((row) => row.job_id) },
    { head: 'outcome', cell: (row) => row.code ?? row.outcome ?? row.status },
    { head: 'queued', cell: (row) => row.queued_seconds, unit: 'seconds', shown: some((row) => row.queued_seconds) },
    { head: 'running', cell: (row) => row.running_seconds, unit: 'seconds' },
    { head: 'tasks', cell: (row) => row.tasks, shown: some((row) => row.tasks) },
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
function metricColumns(rows: readonly RunRow[]): readonly Column[] {
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

/** The first to go if a terminal is too narrow: the run's id has the time, too. */
const SPARED = ['started', 'commit', 'mode', 'job', 'queued', 'delta'];

/** Without the columns that a line of `width` has no room for; the last arguments go last. `left`: their names. */
export function fittingRuns(
  runs: RunsTable,
  width: number,
): { readonly table: RunsTable; readonly left: readonly string[] } {
  return fittingTable(runs, width, { spared: SPARED });
}
