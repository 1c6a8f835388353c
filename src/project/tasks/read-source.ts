import { listed, shown } from '../../documents/excerpt.ts';
import { textAt, writtenAt } from '../../documents/located.ts';
import type { Notes } from '../../documents/notes.ts';
import { pointerOf } from '../../documents/pointer.ts';
import { itSays } from '../compute/values.ts';
import { checkTaskFilePath } from './task-file-path.ts';
import { whyTooLarge } from './task-sizes.ts';
import type { GridAxis, TaskSource, WrittenTasks } from './task-spec.ts';
import { repeatedRows, troubleWithValue, whyNoParameter } from './task-values.ts';

/** `grid`, `list` and `file` of a design's tasks. Each returns null after reporting what is wrong. */

type Fields = Readonly<Record<string, unknown>>;

export function readGrid(notes: Notes, pointer: string, value: unknown): TaskSource | null {
  if (!isMapping(value)) {
    notes.error(pointer, 'value.type', 'must be a mapping of names to lists, such as `{seed: [0, 1, 2]}`');
    return null;
  }
  const axes = Object.entries(value).map(([name, values]) =>
    readAxis(notes, pointer + pointerOf([name]), name, values),
  );
  if (axes.length === 0)
    notes.error(pointer, 'value.missing', 'has no parameters; write one, such as `seed: [0, 1, 2]`');
  const whole = axes.flatMap((axis) => axis ?? []);
  if (whole.length === 0 || whole.length < axes.length) return null;
  return sized(notes, pointer, { kind: 'grid', axes: whole });
}

function readAxis(notes: Notes, pointer: string, name: string, values: unknown): GridAxis | null {
  const isNamed = checkParameter(notes, pointer, name);
  if (!Array.isArray(values)) {
    const isScalar = ['string', 'number', 'boolean'].includes(typeof values);
    const advice = isScalar ? `${shown(`[${textAt(notes.document, pointer)}]`)} for one value` : 'such as `[0, 1, 2]`';
    notes.error(pointer, 'value.type', `must be a list of values: ${advice}`);
    return null;
  }
  if (values.length === 0) {
    notes.error(
      pointer,
      'value.missing',
      'is an empty list, so that there would be no task; write its values, or remove it',
    );
    return null;
  }
  const texts = values.map((item: unknown, at) => readValue(notes, `${pointer}/${at}`, item));
  const whole = texts.flatMap((text) => text ?? []);
  if (!isNamed || whole.length < texts.length) return null;
  const repeated = repeatedRows(whole.map((text) => [text]));
  for (const { at, first } of repeated)
    notes.error(
      `${pointer}/${at}`,
      'value.conflict',
      `repeats ${shown(whole[at] ?? '')}, which is number ${first + 1} of this list: two tasks would be the same; remove one`,
    );
  return repeated.length > 0 ? null : { name, values: whole };
}

export function readList(notes: Notes, pointer: string, value: unknown): TaskSource | null {
  if (!Array.isArray(value)) {
    notes.error(pointer, 'value.type', 'must be a list of mappings, such as `[{seed: 0}, {seed: 1}]`');
    return null;
  }
  const items: readonly unknown[] = value;
  if (items.length === 0) {
    notes.error(pointer, 'value.missing', 'has no tasks; write at least one, such as `[{seed: 0}]`');
    return null;
  }
  const names = isMapping(items[0]) ? Object.keys(items[0]) : [];
  const areNamed = names.map((name) => checkParameter(notes, `${pointer}/0${pointerOf([name])}`, name));
  const rows = items.map((item, at) => readRow(notes, `${pointer}/${at}`, item, names));
  const whole = rows.flatMap((row) => (row === null ? [] : [row]));
  if (areNamed.includes(false) || whole.length < rows.length) return null;
  const repeated = repeatedRows(whole);
  for (const { at, first } of repeated)
    notes.error(
      `${pointer}/${at}`,
      'value.conflict',
      `is the same task as \`tasks.list[${first}]\`; remove one of them`,
    );
  return repeated.length > 0 ? null : sized(notes, pointer, { kind: 'list', names, rows: whole });
}

/** `names`: of the first row, which all others have, too. */
function readRow(notes: Notes, pointer: string, item: unknown, names: readonly string[]): readonly string[] | null {
  if (!isMapping(item) || Object.keys(item).length === 0) {
    notes.error(pointer, 'value.type', 'must be a mapping of names to values, such as `{seed: 0}`');
    return null;
  }
  const further = Object.keys(item).filter((name) => !names.includes(name));
  const missing = names.filter((name) => !Object.hasOwn(item, name));
  for (const name of further)
    notes.error(
      pointer + pointerOf([name]),
      'value.conflict',
      `is not in the first task, which has ${listed(names, 'and')}; all tasks have the same parameters`,
    );
  if (missing.length > 0)
    notes.error(
      pointer,
      'value.missing',
      `has no ${listed(missing, 'and')}, which the first task has; all tasks have the same parameters`,
    );
  const values = names.map((name) =>
    Object.hasOwn(item, name) ? readValue(notes, pointer + pointerOf([name]), item[name]) : null,
  );
  const whole = values.flatMap((text) => text ?? []);
  return further.length > 0 || whole.length < names.length ? null : whole;
}

export function readFileSource(notes: Notes, pointer: string, value: unknown): TaskSource | null {
  const isText = typeof value === 'string';
  const reason = isText ? checkTaskFilePath(value) : 'must be text';
  if (isText && reason === null) return { kind: 'file', file: value };
  const advice = 'write the path of a .csv, .tsv or .jsonl file in the project';
  notes.error(
    pointer,
    isText ? 'value.invalid' : 'value.type',
    `${reason ?? ''}; ${advice}; ${itSays(notes, pointer)}`,
  );
  return null;
}

function sized(notes: Notes, pointer: string, source: WrittenTasks): TaskSource | null {
  const reason = whyTooLarge(source);
  if (reason === null) return source;
  notes.error(pointer, 'value.invalid', reason);
  return null;
}

function checkParameter(notes: Notes, pointer: string, name: string): boolean {
  const reason = whyNoParameter(name);
  if (reason !== null) notes.error(pointer, 'value.invalid', reason);
  return reason === null;
}

/** Numbers keep their spelling. */
function readValue(notes: Notes, pointer: string, value: unknown): string | null {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
    const what = value === null ? 'is empty' : 'is not a single value';
    notes.error(
      pointer,
      'value.type',
      `${what}; write text, a number, \`true\` or \`false\` (\`""\` for an empty text)`,
    );
    return null;
  }
  const text = typeof value === 'string' ? value : writtenAt(notes.document, pointer, value);
  const trouble = troubleWithValue(text);
  if (trouble === null) return text;
  notes.error(pointer, trouble.code, trouble.message);
  return null;
}

function isMapping(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
