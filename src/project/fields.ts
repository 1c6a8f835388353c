import * as z from 'zod';
import { controlInLine } from '../documents/characters.ts';
import type { Code } from '../errors/catalog.ts';
import { checkPathId } from './ids.ts';

/** Types of values that several documents share. */

/** Text that passes a check; the check returns the reason against it, phrased to follow the field's name. */
export function checked(check: (text: string) => string | null, code: Code = 'value.invalid') {
  return z.string().superRefine((text, context) => {
    const reason = check(text);
    if (reason !== null) context.addIssue({ code: 'custom', message: reason, params: { code } });
  });
}

/** An id that becomes a part of a path. */
export const pathId = checked(checkPathId, 'path.unsafe_id');

function checkLine(text: string): string | null {
  if (text.trim() === '') return 'must not be empty';
  const control = controlInLine(text);
  return control === null ? null : `contains the control character ${control}; remove it`;
}

/** One line of text, not empty. */
export const line = checked(checkLine);

/** An optional text: an empty one counts as absent. */
export function emptyIsAbsent<S extends z.ZodType>(text: S) {
  return z.preprocess((value) => (value === '' ? undefined : value), text.nullish());
}

/** A path on any host: one line, and not an option in disguise. */
export function checkHostPath(text: string): string | null {
  const reason = checkLine(text);
  if (reason !== null) return reason;
  return text.startsWith('/') ? null : 'must be an absolute path, beginning with `/`';
}

export function count(least: number, most: number) {
  return z.int().min(least).max(most);
}
