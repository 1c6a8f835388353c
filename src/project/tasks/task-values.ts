import { controlInWord } from '../../documents/characters.ts';
import { shown } from '../../documents/excerpt.ts';
import type { Code } from '../../errors/catalog.ts';
import { placeholderIn } from '../placeholders.ts';

/** What a parameter of a task may be called, and what its values may be. Pure. */

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
/** `{{task.index}}` is the number of the task. */
const RESERVED = ['index'];

/** Phrased to follow the name; null if it can be one. */
export function whyNoParameter(name: string): string | null {
  if (RESERVED.includes(name))
    return `is reserved: ${shown('{{task.index}}')} is the task's number; choose another name`;
  if (NAME.test(name)) return null;
  return 'cannot be the name of a parameter: use at most 64 letters, digits and `_`, and no digit first';
}

/** A quarter of what one argument takes, so that several fit into a word. */
const MOST_VALUE_BYTES = 16 * 1024;

export interface ValueTrouble {
  readonly code: Code;
  /** Phrased to follow the name. */
  readonly message: string;
}

/** Why a text cannot be a value; null if it can. Empty text can. */
export function troubleWithValue(text: string): ValueTrouble | null {
  const control = controlInWord(text);
  if (control !== null)
    return {
      code: 'value.control_character',
      message: `contains the control character ${control}, which cannot be passed to a program as it is; remove it`,
    };
  const bytes = Buffer.byteLength(text);
  if (bytes > MOST_VALUE_BYTES)
    return {
      code: 'value.invalid',
      message: `has ${bytes} bytes, and a value takes at most ${MOST_VALUE_BYTES}; put the text into a file and pass its path`,
    };
  const placeholder = placeholderIn(text);
  if (placeholder === null) return null;
  return {
    code: 'placeholder.unresolved',
    message: `contains ${shown(placeholder)}, and nothing is filled in here; write it into the entrypoint`,
  };
}

/** Rows that are there already, with the first of their kind. */
export function repeatedRows(
  rows: readonly (readonly string[])[],
): readonly { readonly at: number; readonly first: number }[] {
  const seen = new Map<string, number>();
  return rows.flatMap((row, at) => {
    const key = JSON.stringify(row);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, at);
    return first === undefined ? [] : [{ at, first }];
  });
}
