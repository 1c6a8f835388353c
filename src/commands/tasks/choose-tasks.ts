import { fail, ok, type Result } from '../../errors/failure.ts';
import { likelyWord } from '../../platform/misspelling.ts';
import { compareCells, type RunCell } from '../runs/where.ts';
import type { TaskRow } from './task-row.ts';

/** Which tasks are listed, and in which order. Pure. */

export interface TaskChoice {
  /** Only those that ended and did not complete. */
  readonly failed: boolean;
  /** A metric, a parameter or another column; with `-` before it the other way round. Null: by index. */
  readonly sort: string | null;
}

type CellOf = (row: TaskRow) => RunCell;

const OWN: ReadonlyMap<string, CellOf> = new Map<string, CellOf>([
  ['index', (row) => row.index],
  ['state', (row) => row.state],
  ['code', (row) => row.code],
  ['attempts', (row) => row.attempts],
  ['running', (row) => row.wall_seconds],
  ['cpu', (row) => row.cpu_seconds],
  ['memory', (row) => row.max_rss_bytes],
  ['started', (row) => row.started_at],
  ['node', (row) => row.node],
]);

const NOT_FAILED: readonly TaskRow['state'][] = ['completed', 'waiting', 'running'];
const MOST_NAMES = 40;

export function chooseTasks(rows: readonly TaskRow[], { failed, sort }: TaskChoice): Result<readonly TaskRow[]> {
  const kept = failed ? rows.filter(({ state }) => !NOT_FAILED.includes(state)) : rows;
  if (sort === null || rows.length === 0) return ok(kept);
  const reversed = sort.startsWith('-');
  const name = reversed ? sort.slice(1) : sort;
  const cell = cellNamed(rows, name);
  if (cell === null) return fail('usage', { message: unknown(rows, name), hint: 'See: autolab tasks --help' });
  const down = (modeOf(rows, name) === 'maximize') !== reversed;
  return ok(kept.toSorted((left, right) => order(cell(left), cell(right), down)));
}

function cellNamed(rows: readonly TaskRow[], name: string): CellOf | null {
  const own = OWN.get(name);
  if (own !== undefined) return own;
  if (name === 'metric') return (row) => row.metric?.value ?? null;
  if (rows.some(({ params }) => Object.hasOwn(params, name))) return ({ params }) => params[name] ?? null;
  if (rows.some(({ metrics }) => Object.hasOwn(metrics, name))) return ({ metrics }) => metrics[name] ?? null;
  return null;
}

/** Of the primary metric; null for anything else. */
function modeOf(rows: readonly TaskRow[], name: string): 'maximize' | 'minimize' | null {
  const metric = rows.find((row) => row.metric !== null)?.metric ?? null;
  return metric !== null && (name === 'metric' || name === metric.name) ? metric.mode : null;
}

/** What has no value comes last either way. */
function order(left: RunCell, right: RunCell, down: boolean): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  return down ? compareCells(right, left) : compareCells(left, right);
}

function unknown(rows: readonly TaskRow[], name: string): string {
  const ofTasks = new Set(rows.flatMap(({ params, metrics }) => [...Object.keys(params), ...Object.keys(metrics)]));
  const names = [...OWN.keys(), 'metric', ...ofTasks];
  const likely = likelyWord(name, names);
  const list = `${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ', …' : ''}`;
  return `No task has ${JSON.stringify(name)}${likely === null ? '' : `; did you mean ${likely}?`} Known: ${list}.`;
}
