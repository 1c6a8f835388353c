import { invisibleInName } from '../../documents/characters.ts';
import { shown } from '../../documents/excerpt.ts';
import { textAt, writtenAt } from '../../documents/located.ts';
import type { Notes } from '../../documents/notes.ts';
import { nameOf } from '../../documents/pointer.ts';
import { readDuration } from '../durations.ts';

/** Reads single values of `compute`. An empty text counts as absent. */

export type Fields = Readonly<Record<string, unknown>>;

export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** Whether any of the names has a value, valid or not. */
export function isGiven(fields: Fields, names: readonly string[]): boolean {
  return names.some((name) => !isAbsent(fields[name]));
}

export interface Reading<T> {
  readonly pointer: string;
  readonly text: string;
  readonly value: T;
}

/** A value with several possible names; two names with equal values are allowed. */
export function readAliased<T>(
  notes: Notes,
  pointer: string,
  fields: Fields,
  names: readonly string[],
  read: (at: string, value: unknown) => T | null,
): Reading<T> | null {
  let first: Reading<T> | null = null;
  for (const name of names) {
    const value = fields[name];
    if (isAbsent(value)) continue;
    const at = `${pointer}/${name}`;
    const result = read(at, value);
    if (result === null) continue;
    if (first === null) first = { pointer: at, text: scalarText(notes, at, value), value: result };
    else if (first.value !== result)
      notes.error(at, 'value.conflict', `contradicts ${shown(nameOf(first.pointer))}; leave one of them`);
  }
  return first;
}

/** The text of a scalar, quoted or not: a bare `30` is minutes, a bare `4000` megabytes. */
export function scalarText(notes: Notes, pointer: string, value: unknown): string {
  return typeof value === 'string' ? value.trim() : writtenAt(notes.document, pointer, value);
}

/** The present value, for the end of a message. */
export function itSays(notes: Notes, pointer: string): string {
  return `it says ${shown(textAt(notes.document, pointer))}`;
}

export function readCount(notes: Notes, pointer: string, value: unknown, least: number, most: number): number | null {
  if (isAbsent(value)) return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  const range = `a whole number from ${least} to ${most}`;
  const advice = typeof value === 'string' && /^\d+$/.test(value) ? ', without quotes' : '';
  notes.error(
    pointer,
    typeof value === 'number' ? 'value.invalid' : 'value.type',
    `must be ${range}${advice}; ${itSays(notes, pointer)}`,
  );
  return null;
}

const LONGEST_NAME = 1024;

/**
 * Text that must match a pattern; `what` describes it. A bare number counts as a name: accounts are often called 12345.
 */
export function readText(
  notes: Notes,
  pointer: string,
  value: unknown,
  fits: RegExp | ((text: string) => boolean),
  what: string,
): string | null {
  if (isAbsent(value)) return null;
  const text = typeof value === 'number' ? writtenAt(notes.document, pointer, value) : value;
  const good = (one: string): boolean => (typeof fits === 'function' ? fits(one) : fits.test(one));
  if (typeof text === 'string' && text.length <= LONGEST_NAME && good(text)) return text;
  const invisible = typeof text === 'string' ? invisibleInName(text) : null;
  const why = invisible === null ? '' : ` (it contains the character ${invisible})`;
  const code = invisible === null ? 'value.invalid' : 'value.control_character';
  notes.error(
    pointer,
    typeof text === 'string' ? code : 'value.type',
    `must be ${what}${why}; ${itSays(notes, pointer)}`,
  );
  return null;
}

export function readFlag(notes: Notes, pointer: string, value: unknown): boolean {
  if (isAbsent(value)) return false;
  if (typeof value !== 'boolean')
    notes.error(pointer, 'value.type', `must be \`true\` or \`false\`; ${itSays(notes, pointer)}`);
  return value === true;
}

/** A time in seconds; null after reporting what is wrong with it. */
export function readTimeLimit(notes: Notes, pointer: string, value: unknown): number | null {
  const reading = readDuration(scalarText(notes, pointer, value));
  if (reading.ok) return reading.seconds;
  notes.error(pointer, 'value.invalid', `${reading.message}; ${itSays(notes, pointer)}`);
  return null;
}
