import type { TaskRow } from '../../index.ts';
import type { RowTable, TableColumn } from './columns.ts';

/** The list of tasks as a table: what all of its rows share, or none has, is left out. Pure. */

type Column = TableColumn<TaskRow>;

/** `parameters`: their names, in the order of the design. */
export function tasksTable(rows: readonly TaskRow[], parameters: readonly string[]): RowTable<TaskRow> {
  const nodes = new Set(rows.flatMap(({ node }) => node ?? []));
  const some = (cell: Column['cell']): boolean => rows.some((row) => cell(row) !== null);
  const metric = rows.find((row) => row.metric !== null)?.metric?.name;
  const given: readonly (Column & { readonly shown?: boolean })[] = [
    { head: 'task', cell: (row) => row.index },
    ...parameters.map((name) => ({
      head: name,
      cell: (row: TaskRow) => (Object.hasOwn(row.params, name) ? (row.params[name] ?? null) : null),
    })),
    { head: 'state', cell: (row) => row.code ?? row.state },
    ...(metric === undefined ? [] : [{ head: metric, cell: (row: TaskRow) => row.metric?.value ?? null }]),
    { head: 'running', cell: (row) => row.wall_seconds, unit: 'seconds', shown: some((row) => row.wall_seconds) },
    { head: 'exit', cell: exitOf, shown: rows.some(({ exit_code: code }) => code !== null && code !== 0) },
    { head: 'memory', cell: (row) => row.max_rss_bytes, unit: 'bytes', shown: some((row) => row.max_rss_bytes) },
    { head: 'attempts', cell: (row) => row.attempts, shown: rows.some(({ attempts }) => attempts > 1) },
    { head: 'node', cell: (row) => row.node, shown: nodes.size > 1 },
    { head: 'reused_from', cell: (row) => row.reused_from, shown: some((row) => row.reused_from) },
    { head: 'started', cell: (row) => row.started_at, shown: some((row) => row.started_at) },
  ];
  return { columns: given.filter(({ shown = true }) => shown), rows };
}

/** The first to go if a terminal is too narrow. */
export const SPARED_OF_TASKS = ['started', 'node', 'reused_from', 'memory', 'exit', 'attempts'];

function exitOf({ signal, exit_code: code }: TaskRow): string | number | null {
  return signal ?? code;
}
