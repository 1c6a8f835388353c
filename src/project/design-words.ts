import { controlInWord } from '../documents/characters.ts';
import { shown } from '../documents/excerpt.ts';
import { writtenAt } from '../documents/located.ts';
import type { Notes } from '../documents/notes.ts';
import { checkPlaceholders } from './placeholders.ts';

/** One word of an entrypoint: a valid argument for a program. */

/** Linux takes 128 KiB in one argument (MAX_ARG_STRLEN); half of it leaves room for the values of placeholders. */
const MOST_WORD_BYTES = 64 * 1024;
/** All words together, well below the limit of execve(2) with a usual environment. */
const MOST_TOTAL_BYTES = 1024 * 1024;

/** Normalizes the placeholders of a word; returns null after reporting what is wrong with it. */
export function checkWord(notes: Notes, pointer: string, text: string): string | null {
  const control = controlInWord(text);
  if (control !== null) {
    notes.error(
      pointer,
      'value.control_character',
      `contains the control character ${control}, which cannot be passed to a program as it is; remove it`,
    );
    return null;
  }
  if (Buffer.byteLength(text) > MOST_WORD_BYTES) {
    notes.error(
      pointer,
      'value.invalid',
      `has ${Buffer.byteLength(text)} bytes, and one argument takes at most ${MOST_WORD_BYTES}; put the text into a file and pass its path`,
    );
    return null;
  }
  const placeholders = checkPlaceholders(text);
  if (placeholders.ok) return placeholders.text;
  notes.error(pointer, placeholders.code, placeholders.message);
  return null;
}

export function checkTotal(notes: Notes, pointer: string, words: readonly string[]): void {
  const total = words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0);
  if (total > MOST_TOTAL_BYTES)
    notes.error(
      pointer,
      'value.invalid',
      `has ${total} bytes in all, and a program takes at most about ${MOST_TOTAL_BYTES}; put the data into a file`,
    );
}

/** A word of a list: text, or a number or boolean, which reaches the program as written. */
export function wordAt(notes: Notes, pointer: string, value: unknown): string | null {
  if (typeof value === 'string') return checkWord(notes, pointer, value);
  if (typeof value === 'number' || typeof value === 'boolean') {
    return checkWord(notes, pointer, writtenAt(notes.document, pointer, value));
  }
  const what = value === null ? 'is empty' : 'is not text';
  notes.error(
    pointer,
    'value.type',
    `${what}; every word of a command is text: write it in quotes (${shown('""')} for an empty one)`,
  );
  return null;
}
