import { writtenAt } from '../../documents/located.ts';
import type { Notes } from '../../documents/notes.ts';
import { pointerOf } from '../../documents/pointer.ts';
import type { GridAxis, TaskSource, TaskSpec } from './task-spec.ts';

/** `tasks` of a design. */

const SOURCES = ['grid', 'list', 'file'] as const;
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** Returns null if the design has one task, or after reporting what is wrong. */
export function readTasks(notes: Notes, pointer: string, value: unknown): TaskSpec | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object' || Array.isArray(value)) {
    notes.error(pointer, 'value.type', 'must be a mapping, such as `tasks: {grid: {seed: [0, 1, 2]}}`');
    return null;
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const source = readSource(notes, pointer, fields);
  const spec = {
    max_parallel: readCount(notes, `${pointer}/max_parallel`, fields['max_parallel']),
    max_failures: readCount(notes, `${pointer}/max_failures`, fields['max_failures']),
    workers: readCount(notes, `${pointer}/workers`, fields['workers']),
    time_seconds: null,
  };
  return source === null ? null : { source, ...spec };
}

function readSource(notes: Notes, pointer: string, fields: Readonly<Record<string, unknown>>): TaskSource | null {
  const [kind, ...others] = SOURCES.filter((name) => fields[name] !== undefined && fields[name] !== null);
  if (kind === undefined) {
    notes.error(pointer, 'value.missing', 'has no tasks; write `grid`, `list` or `file`');
    return null;
  }
  for (const other of others)
    notes.error(`${pointer}/${other}`, 'value.conflict', `conflicts with \`${kind}\`; remove one of them`);
  const inner = `${pointer}/${kind}`;
  const given = fields[kind];
  if (kind === 'grid') return readGrid(notes, inner, given);
  if (kind === 'list') return readList(notes, inner, given);
  if (typeof given === 'string' && given !== '') return { kind, file: given };
  notes.error(inner, 'value.type', 'must be the path of a .csv, .tsv or .jsonl file');
  return null;
}

function readGrid(notes: Notes, pointer: string, value: unknown): TaskSource | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    notes.error(pointer, 'value.type', 'must be a mapping of names to lists, such as `{seed: [0, 1, 2]}`');
    return null;
  }
  const axes: GridAxis[] = [];
  for (const [name, values] of Object.entries(value as Readonly<Record<string, unknown>>)) {
    const inner = pointer + pointerOf([name]);
    if (!checkName(notes, inner, name) || !Array.isArray(values) || values.length === 0) {
      notes.error(inner, 'value.type', 'must be a list of values');
      continue;
    }
    axes.push({ name, values: values.map((item: unknown, at) => valueText(notes, `${inner}/${at}`, item)) });
  }
  return { kind: 'grid', axes };
}

function readList(notes: Notes, pointer: string, value: unknown): TaskSource | null {
  if (!Array.isArray(value) || value.length === 0) {
    notes.error(pointer, 'value.type', 'must be a list of mappings, such as `[{seed: 0}, {seed: 1}]`');
    return null;
  }
  const items = value as readonly Readonly<Record<string, unknown>>[];
  const names = Object.keys(items[0] ?? {});
  for (const name of names) checkName(notes, `${pointer}/0${pointerOf([name])}`, name);
  const rows = items.map((item, at) =>
    names.map((name) => valueText(notes, `${pointer}/${at}${pointerOf([name])}`, item[name])),
  );
  return { kind: 'list', names, rows };
}

function checkName(notes: Notes, pointer: string, name: string): boolean {
  if (NAME.test(name)) return true;
  notes.error(pointer, 'value.invalid', 'is no name of a parameter: use letters, digits and `_`');
  return false;
}

function valueText(notes: Notes, pointer: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return writtenAt(notes.document, pointer, value);
  notes.error(pointer, 'value.type', 'must be text, a number, `true` or `false`');
  return '';
}

function readCount(notes: Notes, pointer: string, value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  notes.error(pointer, 'value.type', 'must be a whole number from 1 on');
  return null;
}
