import { MOST_TASKS, type WrittenTasks } from './task-spec.ts';

/** How many tasks there are and how much text they are, before any of it is made. Pure. */

/** All parameters of one task as JSON: Linux takes 128 KiB in one variable. */
const MOST_TASK_BYTES = 96 * 1024;
/** All tasks as JSON. */
const MOST_LIST_BYTES = 128 * 1024 * 1024;
/** Of a line of the list, beside its parameters. */
const LINE_BYTES = 32;

function taskCountOf(source: WrittenTasks): number {
  if (source.kind === 'list') return source.rows.length;
  return source.axes.reduce((product, { values }) => product * values.length, 1);
}

/** Bytes of the longest value of each parameter. */
export type LongestValues = ReadonlyMap<string, number>;

export function longestValues(source: WrittenTasks): LongestValues {
  if (source.kind === 'grid') return new Map(source.axes.map(({ name, values }) => [name, mostOf(values, byteLength)]));
  return new Map(source.names.map((name, at) => [name, mostOf(source.rows, (row) => byteLength(row[at] ?? ''))]));
}

/** Why there are too many, or too large ones, phrased to follow the name of the source; null if not. */
export function whyTooLarge(source: WrittenTasks): string | null {
  const count = taskCountOf(source);
  if (count === 0) return 'has no tasks';
  if (count > MOST_TASKS) {
    const lengths = source.kind === 'grid' ? source.axes.map(({ values }) => values.length) : [];
    const product = lengths.length > 1 ? ` (${lengths.join(' × ')})` : '';
    return `has ${count} tasks${product}, and a run takes at most ${MOST_TASKS}`;
  }
  const largest = largestTask(source);
  if (largest > MOST_TASK_BYTES)
    return `has a task whose parameters have ${largest} bytes, and a program is passed at most ${MOST_TASK_BYTES}; put text into files and pass their paths`;
  const total = bytesOfAll(source) + count * LINE_BYTES;
  if (total > MOST_LIST_BYTES)
    return `has ${Math.ceil(total / 1024 / 1024)} MiB of values in ${count} tasks, and a run takes at most ${MOST_LIST_BYTES / 1024 / 1024} MiB; put text into files and pass their paths`;
  return null;
}

function largestTask(source: WrittenTasks): number {
  if (source.kind === 'list') return mostOf(source.rows, (row) => rowBytes(source.names, row));
  return source.axes.reduce((sum, { name, values }) => sum + mostOf(values, (value) => cellBytes(name, value)), 0);
}

function bytesOfAll(source: WrittenTasks): number {
  if (source.kind === 'list') return source.rows.reduce((sum, row) => sum + rowBytes(source.names, row), 0);
  const count = taskCountOf(source);
  return source.axes.reduce((sum, { name, values }) => {
    const ofAxis = values.reduce((total, value) => total + cellBytes(name, value), 0);
    return sum + (ofAxis * count) / values.length;
  }, 0);
}

function rowBytes(names: readonly string[], row: readonly string[]): number {
  return names.reduce((sum, name, at) => sum + cellBytes(name, row[at] ?? ''), 0);
}

/** As JSON: `"name":"value",`. */
function cellBytes(name: string, value: string): number {
  return name.length + 4 + byteLength(JSON.stringify(value));
}

function mostOf<T>(items: readonly T[], measure: (item: T) => number): number {
  return items.reduce((most, item) => Math.max(most, measure(item)), 0);
}

function byteLength(text: string): number {
  return Buffer.byteLength(text);
}
