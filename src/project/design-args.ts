import { invisibleInName } from '../documents/characters.ts';
import { shown } from '../documents/excerpt.ts';
import { writtenAt } from '../documents/located.ts';
import type { Notes } from '../documents/notes.ts';
import { pointerOf } from '../documents/pointer.ts';
import { checkWord } from './design-words.ts';

/** `entrypoint.args`: the flags of a module. */

/** Numbers in other forms (`0x10`) reach the program by value. */
const DECIMAL = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;
const KEY = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;

/** Checks the keys and every text in the values, and normalizes placeholders; returns null if it is not a mapping. */
export function readArgs(notes: Notes, pointer: string, value: unknown): Readonly<Record<string, unknown>> | null {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    notes.error(pointer, 'value.type', 'must be a mapping, such as `{epochs: 3, use_amp: true}`');
    return null;
  }
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const inner = pointer + pointerOf([key]);
    if (!KEY.test(key) || invisibleInName(key) !== null) {
      const bare = key.replace(/^-+/, '').replaceAll('-', '_');
      const advice = KEY.test(bare) ? `; write ${shown(bare)}` : '';
      notes.error(
        inner,
        'value.invalid',
        `cannot become a flag: use letters, digits, \`_\`, \`-\` and \`.\`, beginning with a letter or digit${advice}`,
      );
    }
    return [key, readArg(notes, inner, item)];
  });
  return Object.fromEntries(entries);
}

function readArg(notes: Notes, pointer: string, value: unknown): unknown {
  // Numbers at the top level and in lists appear in argv as written; inside mappings they become JSON.
  if (Array.isArray(value)) return value.map((item: unknown, index) => readItem(notes, `${pointer}/${index}`, item));
  if (typeof value === 'number') return checkedNumber(notes, pointer, value);
  return readNested(notes, pointer, value);
}

function readItem(notes: Notes, pointer: string, value: unknown): unknown {
  if (typeof value === 'number') return checkedNumber(notes, pointer, value);
  if (value === null) {
    notes.error(pointer, 'value.type', `is empty; write ${shown('""')} for an empty text, or leave the element out`);
    return value;
  }
  return readNested(notes, pointer, value);
}

/** The number itself if JavaScript prints it as written, otherwise its text. */
function checkedNumber(notes: Notes, pointer: string, value: number): number | string {
  if (!Number.isFinite(value)) {
    notes.error(pointer, 'value.invalid', 'is not a finite number; write it in quotes if the program understands it');
    return value;
  }
  const written = writtenAt(notes.document, pointer, value);
  return written === String(value) || !DECIMAL.test(written) ? value : (checkWord(notes, pointer, written) ?? value);
}

function readNested(notes: Notes, pointer: string, value: unknown): unknown {
  if (typeof value === 'string') return checkWord(notes, pointer, value) ?? value;
  if (typeof value === 'number' && !Number.isFinite(value))
    notes.error(pointer, 'value.invalid', 'is not a finite number, and JSON has none; write it in quotes');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown, index) => readNested(notes, `${pointer}/${index}`, item));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const inner = pointer + pointerOf([key]);
      return [checkWord(notes, inner, key) ?? key, readNested(notes, inner, item)];
    }),
  );
}
