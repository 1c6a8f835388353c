import { listed, shown } from '../../documents/excerpt.ts';
import { NumberText, scanJson } from '../../documents/json-scan.ts';
import type { SourceNode } from '../../documents/located.ts';
import type { FileNotes, TaskRows } from './task-rows.ts';
import { MOST_TASKS } from './task-spec.ts';
import { troubleWithValue, whyNoParameter } from './task-values.ts';

/** Tasks in a .jsonl file: an object a line. Pure. */

interface Line {
  readonly offset: number;
  readonly text: string;
}

interface ReadLine {
  readonly offset: number;
  readonly fields: ReadonlyMap<string, string>;
}

export function readJsonLines(text: string, notes: FileNotes): TaskRows | null {
  const lines = linesOf(text).slice(0, MOST_TASKS + 1);
  const read: ReadLine[] = [];
  for (const line of lines) {
    if (notes.isFull) break;
    const fields = readLine(line, notes);
    if (fields !== null) read.push({ offset: line.offset, fields });
  }
  const [first] = read;
  if (first === undefined || read.length < lines.length) return null;
  const names = [...first.fields.keys()];
  for (const name of names) {
    const reason = whyNoParameter(name);
    if (reason !== null) notes.add(first.offset, 'value.invalid', `${shown(name)} ${reason}`);
  }
  for (const { offset, fields } of read) checkNames(offset, names, fields, notes);
  return {
    names,
    rows: read.map(({ offset, fields }) => ({ offset, values: names.map((name) => fields.get(name) ?? '') })),
  };
}

function linesOf(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let offset = 0; offset < text.length;) {
    const end = text.indexOf('\n', offset);
    const line = text.slice(offset, end < 0 ? text.length : end);
    if (line.trim() !== '') lines.push({ offset, text: line });
    offset = end < 0 ? text.length : end + 1;
  }
  return lines;
}

/** Name → value, as written. */
function readLine({ offset, text }: Line, notes: FileNotes): ReadonlyMap<string, string> | null {
  const result = scanJson(text);
  if (!result.ok) {
    notes.add(offset + result.offset, 'file.syntax', result.message);
    return null;
  }
  const { root, value, duplicates } = result.scan;
  for (const { path, offset: at } of duplicates)
    notes.add(offset + at, 'file.duplicate_key', `duplicate key ${shown(path.at(-1) ?? '')}; remove one of the two`);
  if (
    typeof value !== 'object' ||
    value === null ||
    Array.isArray(value) ||
    value instanceof NumberText ||
    root.children.size === 0
  ) {
    notes.add(
      offset + root.start,
      'value.type',
      'each line is one task: an object with its parameters, such as `{"seed": 0}`',
    );
    return null;
  }
  const values: Readonly<Record<string, unknown>> = { ...value };
  const fields = [...root.children].map(([name, node]): [string, string] => {
    return [name, readCell(text, node, { name, value: values[name], offset: offset + node.start }, notes)];
  });
  return new Map(fields);
}

function readCell(
  text: string,
  node: SourceNode,
  { name, value, offset }: { name: string; value: unknown; offset: number },
  notes: FileNotes,
): string {
  const isScalar = ['string', 'number', 'boolean'].includes(typeof value) || value instanceof NumberText;
  if (!isScalar) {
    const what = value === null ? 'is `null`' : 'is not a single value';
    notes.add(
      offset,
      'value.type',
      `${shown(name)} ${what}; write text, a number, \`true\` or \`false\` (\`""\` for an empty text)`,
    );
    return '';
  }
  const written = typeof value === 'string' ? value : text.slice(node.start, node.end);
  const trouble = troubleWithValue(written);
  if (trouble !== null) notes.add(offset, trouble.code, `${shown(name)} ${trouble.message}`);
  return written;
}

function checkNames(
  offset: number,
  names: readonly string[],
  fields: ReadonlyMap<string, string>,
  notes: FileNotes,
): void {
  const missing = names.filter((name) => !fields.has(name));
  const further = [...fields.keys()].filter((name) => !names.includes(name));
  const all = 'all tasks have the same parameters';
  if (missing.length > 0)
    notes.add(offset, 'value.missing', `this task has no ${listed(missing, 'and')}, which the first task has; ${all}`);
  if (further.length > 0)
    notes.add(
      offset,
      'value.conflict',
      `this task has ${listed(further, 'and')}, which the first task does not have; ${all}`,
    );
}
