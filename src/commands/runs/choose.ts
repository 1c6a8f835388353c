import { fail, ok, type Result } from '../../errors/failure.ts';
import { columnNamed, type RunColumn } from './columns.ts';
import type { RunRow } from './row.ts';
import { compareCells, meets, parseCondition, type RunCell, type RunCondition, whyNotOrdered } from './where.ts';

/** Which runs are listed, and in which order. Pure. */

export interface RowChoice {
  readonly where: readonly string[];
  /** A column; with `-` before it the other way round. Null: oldest first. */
  readonly sort: string | null;
}

export function chooseRows(rows: readonly RunRow[], { where, sort }: RowChoice): Result<readonly RunRow[]> {
  const conditions = conditionsOf(rows, where);
  if (!conditions.ok) return conditions;
  const order = sort === null ? ok(null) : orderOf(rows, sort);
  if (!order.ok) return order;
  const kept = rows.filter((row) => conditions.value.every(([column, condition]) => meetsIn(row, column, condition)));
  return ok(order.value === null ? kept : kept.toSorted(order.value));
}

function conditionsOf(
  rows: readonly RunRow[],
  where: readonly string[],
): Result<readonly (readonly [RunColumn, RunCondition])[]> {
  const found: (readonly [RunColumn, RunCondition])[] = [];
  for (const text of where) {
    const condition = parseCondition(text);
    if (condition === null) return usage(`--where takes KEY=VALUE (or !=, >, <, >=, <=), not ${JSON.stringify(text)}.`);
    // Without runs nothing says which names there are.
    const column = rows.length === 0 ? null : columnNamed(rows, condition.key);
    if (typeof column === 'string') return usage(column);
    if (column === null) continue;
    const wrong = whyNotOrdered(condition, rows.map(column.cell));
    if (wrong !== null) return usage(wrong);
    found.push([column, condition]);
  }
  return ok(found);
}

function usage(message: string): Result<never> {
  return fail('usage', { message, hint: 'See: autolab runs --help' });
}

function meetsIn(row: RunRow, { name, cell }: RunColumn, condition: RunCondition): boolean {
  // What is shown as the outcome is the code; a commit may be shortened, as for git.
  if (name === 'outcome' && ['=', '!='].includes(condition.operator)) {
    const either = [row.outcome, row.code].some((one) => meets(one, { ...condition, operator: '=' }));
    return either === (condition.operator === '=');
  }
  if (name === 'commit' && /^[0-9a-f]{4,}$/.test(condition.value))
    return meets(cell(row), { ...condition, value: `${condition.value}*` });
  return meets(cell(row), condition);
}

/** A metric with a direction: the best first. Anything else: upwards. What has no value comes last either way. */
function orderOf(rows: readonly RunRow[], sort: string): Result<((left: RunRow, right: RunRow) => number) | null> {
  if (rows.length === 0) return ok(null);
  const reversed = sort.startsWith('-');
  const column = columnNamed(rows, reversed ? sort.slice(1) : sort);
  if (typeof column === 'string') return usage(column);
  const down = (column.mode === 'maximize') !== reversed;
  return ok((left, right) => orderOfCells(column.cell(left), column.cell(right), down));
}

function orderOfCells(left: RunCell, right: RunCell, down: boolean): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  return down ? compareCells(right, left) : compareCells(left, right);
}
