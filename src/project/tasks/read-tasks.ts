import type { Notes } from '../../documents/notes.ts';
import { isAbsent, readCount, readTimeLimit } from '../compute/values.ts';
import { readFileSource, readGrid, readList } from './read-source.ts';
import { MOST_TASKS, type TaskSource, type TaskSpec } from './task-spec.ts';

/** `tasks` of a design. */

const SOURCES = ['grid', 'list', 'file'] as const;

/** Returns null if the design has one task, or after reporting what is wrong. */
export function readTasks(notes: Notes, pointer: string, value: unknown): TaskSpec | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    notes.error(pointer, 'value.type', 'must be a mapping, such as `{grid: {seed: [0, 1, 2]}}`');
    return null;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const source = readSource(notes, pointer, fields);
  const count = (name: string): number | null => readCount(notes, `${pointer}/${name}`, fields[name], 1, MOST_TASKS);
  const spec = {
    max_parallel: count('max_parallel'),
    max_failures: count('max_failures'),
    workers: count('workers'),
    time_seconds: isAbsent(fields['time']) ? null : readTimeLimit(notes, `${pointer}/time`, fields['time']),
  };
  return source === null ? null : { source, ...spec };
}

function readSource(notes: Notes, pointer: string, fields: Readonly<Record<string, unknown>>): TaskSource | null {
  const [kind, ...others] = SOURCES.filter((name) => fields[name] !== undefined && fields[name] !== null);
  if (kind === undefined) {
    notes.error(
      pointer,
      'value.missing',
      'has no tasks; write `grid`, `list` or `file`, such as `grid: {seed: [0, 1, 2]}`',
    );
    return null;
  }
  for (const other of others)
    notes.error(`${pointer}/${other}`, 'value.conflict', `conflicts with \`${kind}\`; remove one of them`);
  const read = { grid: readGrid, list: readList, file: readFileSource }[kind];
  const source = read(notes, `${pointer}/${kind}`, fields[kind]);
  return others.length > 0 ? null : source;
}
