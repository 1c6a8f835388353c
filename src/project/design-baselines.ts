import { invisibleInName } from '../documents/characters.ts';
import { shown } from '../documents/excerpt.ts';
import { textAt } from '../documents/located.ts';
import type { Notes } from '../documents/notes.ts';
import { pointerOf } from '../documents/pointer.ts';
import type { Problem } from '../errors/problem.ts';
import { type Fields, isAbsent } from './compute/values.ts';
import type { Metrics } from './design-metrics.ts';
import { checkKeys, fieldsOf } from './metric-keys.ts';

/** `baselines`: what a run is compared with. */

export interface Baseline {
  readonly name: string;
  /** Of the primary metric. */
  readonly value: number | null;
  /** Of other metrics, by name. */
  readonly others: Readonly<Record<string, number>>;
}

const HOW = '`baselines: [{name: majority, value: 0.44}]`';
/** The keys of every baseline; a metric of this name cannot have a value of its own in one. */
const OWN_KEYS = ['name', 'value'];

/** `metrics`: of the same design. `unknown` gets the problems of keys that are not known. */
export function readBaselines(
  notes: Notes,
  pointer: string,
  { value, metrics }: { readonly value: unknown; readonly metrics: Metrics | null },
  unknown: Problem[],
): readonly Baseline[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) {
    notes.error(pointer, 'value.type', `must be a list; write ${HOW}`);
    return [];
  }
  const primary = [metrics?.primary?.name ?? 'value'].find((name) => !OWN_KEYS.includes(name)) ?? null;
  const others = (metrics?.others ?? []).filter((name) => !OWN_KEYS.includes(name));
  const seen = new Set<string>();
  return value.flatMap((item: unknown, index) => {
    const at = `${pointer}/${index}`;
    const fields = fieldsOf(item);
    if (fields === null) {
      notes.error(at, 'value.type', `must be a mapping with \`name\` and \`value\`; write ${HOW}`);
      return [];
    }
    unknown.push(...checkKeys(notes, at, fields, [...OWN_KEYS, ...(primary === null ? [] : [primary]), ...others]));
    const name = readName(notes, `${at}/name`, fields['name']);
    if (name !== null && seen.has(name))
      notes.error(`${at}/name`, 'value.conflict', `names ${shown(name)} a second time`);
    seen.add(name ?? '');
    const read = { value: readValue(notes, at, fields, primary), others: readOthers(notes, at, fields, others) };
    return name === null ? [] : [{ name, ...read }];
  });
}

function readName(notes: Notes, pointer: string, value: unknown): string | null {
  if (typeof value === 'string' && value.trim() !== '' && invisibleInName(value) === null) return value;
  const code = !isAbsent(value) ? 'value.type' : 'value.missing';
  notes.error(pointer, code, 'must be a name for the baseline, such as `majority`');
  return null;
}

/** Of the primary metric: as `value`, or by its name. */
function readValue(notes: Notes, pointer: string, fields: Fields, primary: string | null): number | null {
  const byName = primary !== null && !isAbsent(fields[primary]);
  if (byName && !isAbsent(fields['value']))
    notes.error(`${pointer}${pointerOf([primary])}`, 'value.conflict', 'is `value` again; remove one of them');
  const key = byName ? primary : 'value';
  return numberAt(notes, `${pointer}${pointerOf([key])}`, fields[key]);
}

function readOthers(
  notes: Notes,
  pointer: string,
  fields: Fields,
  names: readonly string[],
): Readonly<Record<string, number>> {
  const entries = names.map((name) => [name, numberAt(notes, `${pointer}${pointerOf([name])}`, fields[name])] as const);
  return Object.fromEntries(entries.flatMap(([name, number]) => (number === null ? [] : [[name, number]])));
}

function numberAt(notes: Notes, pointer: string, value: unknown): number | null {
  if (isAbsent(value)) return null;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const numeric = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  notes.error(
    pointer,
    typeof value === 'number' ? 'value.invalid' : 'value.type',
    `must be a finite number; it says ${shown(textAt(notes.document, pointer))}${numeric ? `; leave the quotes out: ${value.trim()}` : ''}`,
  );
  return null;
}
