/** `--where K=V`: a condition on a row of runs. Pure. */

export type WhereOperator = '=' | '!=' | '>' | '<' | '>=' | '<=';
/** Null: the row has no such value. */
export type RunCell = string | number | null;

export interface RunCondition {
  readonly key: string;
  readonly operator: WhereOperator;
  readonly value: string;
}

/** Null if the text is not a condition. */
export function parseCondition(text: string): RunCondition | null {
  const [, key = '', operator, value = ''] = /^([^=!<>]+)(!=|>=|<=|=|>|<)(.*)$/s.exec(text) ?? [];
  return operator === undefined ? null : { key: key.trim(), operator: operator as WhereOperator, value };
}

/** An empty value is met by what is not there. `*` at the end of a value stands for any text. */
export function meets(cell: RunCell, { operator, value }: RunCondition): boolean {
  if (operator === '=') return equals(cell, value);
  if (operator === '!=') return !equals(cell, value);
  if (cell === null) return false;
  const order = compareCells(cell, numberOf(value) ?? value);
  if (operator === '>') return order > 0;
  if (operator === '<') return order < 0;
  return operator === '>=' ? order >= 0 : order <= 0;
}

/** Why a condition can be met by no cell of a column: numbers are neither more nor less than text. Null if it can. */
export function whyNotOrdered({ key, operator, value }: RunCondition, cells: readonly RunCell[]): string | null {
  if (operator === '=' || operator === '!=' || numberOf(value) !== null) return null;
  const there = cells.filter((cell) => cell !== null);
  if (there.length === 0 || there.some((cell) => numberOf(cell) === null)) return null;
  return `${key} is a number, so ${key}${operator} takes one, not ${JSON.stringify(value)}.`;
}

function equals(cell: RunCell, value: string): boolean {
  if (cell === null) return value === '';
  const [left, right] = [numberOf(cell), numberOf(value)];
  if (left !== null && right !== null) return left === right;
  return value.endsWith('*') ? String(cell).startsWith(value.slice(0, -1)) : String(cell) === value;
}

/** Numbers by value, and before text; text by its code units, which is the order of times, too. */
export function compareCells(left: Exclude<RunCell, null>, right: Exclude<RunCell, null>): number {
  const [a, b] = [numberOf(left), numberOf(right)];
  if (a !== null && b !== null) return a - b;
  if (a !== null || b !== null) return a === null ? 1 : -1;
  return left === right ? 0 : left < right ? -1 : 1;
}

const NUMBER = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/** Null for text that is not a decimal number. */
function numberOf(cell: Exclude<RunCell, null>): number | null {
  if (typeof cell === 'number') return cell;
  return NUMBER.test(cell) && Number.isFinite(Number(cell)) ? Number(cell) : null;
}
